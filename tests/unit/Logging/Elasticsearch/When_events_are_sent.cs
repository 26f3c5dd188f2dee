using System.Net;
using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Elasticsearch;

public sealed class When_events_are_sent : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private FakeElasticsearch _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeElasticsearch.StartAsync();

    [Fact]
    public void After_closing_the_log_each_event_is_stored_once_and_the_spool_is_empty()
    {
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
        {
            sink.Write(1, 5000);
        }

        Assert.Equal(Enumerable.Range(1, 5000), SinkUnderTest.Numbers(_server));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Events_go_to_the_data_stream_of_their_component_with_ECS_fields()
    {
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
            sink.Log.ForContext("JobId", "4").ForContext("Milliseconds", 1.5).Error(new InvalidOperationException("broken"), "it {What}", "failed");

        var ((index, _), document) = Assert.Single(_server.Documents);
        Assert.Equal("logs-broker.test-default", index);
        Assert.Equal("it failed", document.GetProperty("message").GetString());
        Assert.Equal(4711, document.GetProperty("process.pid").GetInt32());
        Assert.Equal(JsonValueKind.Number, document.GetProperty("process.thread.id").ValueKind);
        Assert.Equal(JsonValueKind.Number, document.GetProperty("process.parent.pid").ValueKind);
        Assert.Equal(1, document.GetProperty("event.sequence").GetInt32());
        Assert.Equal(1_500_000, document.GetProperty("event.duration").GetInt64());
        Assert.Equal("host-1", document.GetProperty("host.hostname").GetString());
        Assert.Equal("error", document.GetProperty("log.level").GetString());
        Assert.Equal("4", document.GetProperty("labels.job_id").GetString());
        Assert.Equal("failed", document.GetProperty("labels.what").GetString());
        Assert.Equal("System.InvalidOperationException", document.GetProperty("error.type").GetString());
        Assert.Contains("broken", document.GetProperty("error.stack_trace").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_are_compressed_and_bounded()
    {
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path, options => options with { StopTimeout = TimeSpan.FromSeconds(20) }))
        {
            var large = new string('x', 20_000);
            for (var number = 0; number < 600; number++)
                sink.Log.Information("{Number} {Text}", number, large);
            sink.Write(1, 5000);
        }

        Assert.Equal(5600, _server.Documents.Count);
        Assert.All(_server.Requests, request => Assert.True(request.Gzip));
        Assert.All(_server.Requests, request => Assert.InRange(request.Items, 1, 1000));
        Assert.All(_server.Requests, request => Assert.InRange(request.Bytes, 1, 5 * 1024 * 1024));
        Assert.Contains(_server.Requests, request => request.Items == 1000);
        Assert.Contains(_server.Requests, request => request.Bytes > 4 * 1024 * 1024);
    }

    [Fact]
    public async Task A_single_event_is_sent_after_the_linger_time()
    {
        using var sink = new SinkUnderTest(_server.Url, _folder.Path);
        sink.Write(1, 1);

        await _server.UntilAsync(server => !server.Documents.IsEmpty);
    }

    [Fact]
    public void Headers_and_user_are_sent_with_every_request()
    {
        using (var sink = new SinkUnderTest(
            _server.Url.Replace("://", "://me:p%40ss@", StringComparison.Ordinal),
            _folder.Path,
            options => options with { Connection = options.Connection with { Headers = [.. options.Connection.Headers, ("X-Tenant", "blue")] } }))
        {
            sink.Write(1, 1);
        }

        var request = Assert.Single(_server.Requests);
        Assert.Equal("Basic bWU6cEBzcw==", request.Headers["Authorization"]);
        Assert.Equal("blue", request.Headers["X-Tenant"]);
    }

    [Fact]
    public void The_template_is_put_before_the_first_event_only_if_there_is_none()
    {
        for (var run = 0; run < 2; run++)
        {
            using var sink = new SinkUnderTest(_server.Url, _folder.Path);
            sink.Write(1, 1);
        }

        var (name, template) = Assert.Single(_server.Templates);
        Assert.Equal("logs-broker", name);
        Assert.Equal("logs-broker.*-*", template.GetProperty("index_patterns")[0].GetString());
        Assert.Equal("30d", template.GetProperty("template").GetProperty("lifecycle").GetProperty("data_retention").GetString());
        Assert.True(template.GetProperty("priority").GetInt32() > 100);
        Assert.Equal("long", template.GetProperty("template").GetProperty("mappings").GetProperty("properties").GetProperty("process").GetProperty("properties").GetProperty("pid").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("""{"version":0}""", true)]
    [InlineData("""{"version":1000}""", false)]
    [InlineData("""{"_meta":{"by":"an operator"}}""", false)]
    public void Only_an_older_version_of_our_template_is_replaced(string there, bool replaced)
    {
        _server.Put("logs-broker", there);
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
            sink.Write(1, 1);

        Assert.Equal(replaced, _server.Templates["logs-broker"].TryGetProperty("index_patterns", out _));
    }

    [Fact]
    public void A_server_that_rejects_optional_settings_gets_the_rest_of_the_template()
    {
        _server.RefuseTemplate = template => template.GetProperty("template").TryGetProperty("lifecycle", out _) ? HttpStatusCode.BadRequest : null;
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
            sink.Write(1, 1);

        Assert.False(Assert.Single(_server.Templates).Value.GetProperty("template").TryGetProperty("lifecycle", out _));
        Assert.Single(_server.Documents);
    }

    [Fact]
    public void Without_the_privilege_to_put_the_template_events_are_sent()
    {
        _server.RefuseTemplate = _ => HttpStatusCode.Forbidden;
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
            sink.Write(1, 3);

        Assert.Empty(_server.Templates);
        Assert.Equal(3, _server.Documents.Count);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void An_index_name_may_contain_the_date()
    {
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path, options => options with { IndexFormat = "App-{0:yyyy.MM.dd}" }))
            sink.Write(1, 1);

        Assert.Matches(@"^app-\d{4}\.\d\d\.\d\d$", Assert.Single(_server.Documents).Key.Index);
        Assert.Equal("app-*", Assert.Single(_server.Templates).Value.GetProperty("index_patterns")[0].GetString());
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

}
