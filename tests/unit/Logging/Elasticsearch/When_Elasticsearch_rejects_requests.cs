using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Elasticsearch;

public sealed class When_Elasticsearch_rejects_requests : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private FakeElasticsearch _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeElasticsearch.StartAsync();

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task A_temporarily_rejected_request_is_retried(HttpStatusCode status)
    {
        _server.Refuse = (number, _) => number <= 2 ? (status, """{"error":{"type":"some_exception","reason":"not now"},"status":1}""") : null;
        using var sink = new SinkUnderTest(_server.Url, _folder.Path);
        sink.Write(1, 100);

        await _server.UntilAsync(server => server.Documents.Count == 100);
        Assert.Equal(Enumerable.Range(1, 100), SinkUnderTest.Numbers(_server));
        Assert.Contains(((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture), Assert.Single(sink.Said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_After_is_respected()
    {
        var refused = 0L;
        var asked = 0L;
        _server.Refuse = (number, context) =>
        {
            if (number > 1)
            {
                Interlocked.CompareExchange(ref asked, Stopwatch.GetTimestamp(), 0);
                return null;
            }

            refused = Stopwatch.GetTimestamp();
            context.Response.Headers.RetryAfter = "3";
            return (HttpStatusCode.TooManyRequests, "{}");
        };
        using var sink = new SinkUnderTest(_server.Url, _folder.Path);
        sink.Write(1, 1);

        await _server.UntilAsync(server => server.Documents.Count == 1);
        Assert.InRange(Stopwatch.GetElapsedTime(refused, asked).TotalSeconds, 2.9, 10);
    }

    [Fact]
    public async Task Only_the_failed_events_are_retried()
    {
        var refusals = 0;
        _server.RefuseItem = document => document.GetProperty("message").GetString()!.EndsWith("7 of the test", StringComparison.Ordinal) && Interlocked.Increment(ref refusals) <= 10
            ? (429, "es_rejected_execution_exception", "queue is full")
            : null;
        using var sink = new SinkUnderTest(_server.Url, _folder.Path, options => options with { Linger = TimeSpan.FromMilliseconds(500) });
        sink.Write(1, 100);

        await _server.UntilAsync(server => server.Documents.Count == 100);
        Assert.Equal([100, 10], _server.Requests.Select(request => request.Items));
    }

    [Fact]
    public async Task A_lost_response_does_not_duplicate_events()
    {
        _server.BeforeAnswer = (number, aborted) => number <= 2 ? Task.Delay(Timeout.Infinite, aborted).ContinueWith(_ => { }, TaskScheduler.Default) : Task.CompletedTask;
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path, options => options with { Connection = options.Connection with { Timeout = TimeSpan.FromSeconds(1) } }))
        {
            sink.Write(1, 100);
            await _server.UntilAsync(server => server.Requests.Count >= 3);
        }

        Assert.Equal(Enumerable.Range(1, 100), SinkUnderTest.Numbers(_server));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void An_invalid_event_is_dead_lettered_with_the_reason_and_does_not_block_others()
    {
        _server.RefuseItem = document => document.GetProperty("message").GetString() == "event 50 of the test" ? (400, "document_parsing_exception", "failed to parse field [labels.x]") : null;
        SinkUnderTest sink;
        using (sink = new SinkUnderTest(_server.Url, _folder.Path))
            sink.Write(1, 100);

        Assert.Equal(Enumerable.Range(1, 100).Except([50]), SinkUnderTest.Numbers(_server));
        var letter = JsonDocument.Parse(Assert.Single(File.ReadAllLines(Assert.Single(Directory.GetFiles(_folder.Path, "*rejected*.ndjson"))))).RootElement;
        Assert.Equal(400, letter.GetProperty("status").GetInt32());
        Assert.Equal("document_parsing_exception: failed to parse field [labels.x]", letter.GetProperty("reason").GetString());
        Assert.Equal("event 50 of the test", letter.GetProperty("event").GetProperty("message").GetString());
        Assert.Contains("document_parsing_exception", Assert.Single(sink.Said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_halved_until_it_fits()
    {
        _server.Refuse = (number, _) => _server.Requests[number - 1].Items > 30 ? (HttpStatusCode.RequestEntityTooLarge, "") : null;
        using var sink = new SinkUnderTest(_server.Url, _folder.Path);
        sink.Write(1, 400);

        await _server.UntilAsync(server => server.Documents.Count == 400);
        Assert.Empty(sink.Said);
    }

    [Fact]
    public void An_event_too_large_for_a_request_is_dead_lettered()
    {
        _server.Refuse = (number, _) => _server.Requests[number - 1].Bytes > 30_000 ? (HttpStatusCode.RequestEntityTooLarge, "") : null;
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
        {
            sink.Write(1, 3);
            sink.Log.Information("large {Text}", new string('x', 31_000));
            sink.Write(4, 3);
        }

        Assert.Equal(Enumerable.Range(1, 6), SinkUnderTest.Numbers(_server));
        Assert.Single(File.ReadAllLines(Assert.Single(Directory.GetFiles(_folder.Path, "*rejected*.ndjson"))));
    }

    [Fact]
    public void An_event_that_invalidates_the_request_is_the_only_one_lost()
    {
        _server.Refuse = (number, _) => _server.Requests[number - 1].Bytes > 20_000 ? (HttpStatusCode.BadRequest, """{"error":{"type":"illegal_argument_exception","reason":"malformed action"}}""") : null;
        using (var sink = new SinkUnderTest(_server.Url, _folder.Path))
        {
            sink.Write(1, 4);
            sink.Log.Information("spoilt {Text}", new string('s', 20_000));
            sink.Write(5, 4);
        }

        Assert.Equal(Enumerable.Range(1, 8), SinkUnderTest.Numbers(_server));
        Assert.Single(File.ReadAllLines(Assert.Single(Directory.GetFiles(_folder.Path, "*rejected*.ndjson"))));
    }

    [Theory]
    [InlineData("validation_exception", "this action would add [1] shards, but this cluster currently has [1000]/[1000] maximum normal shards open")]
    [InlineData("illegal_argument_exception", "pipeline with id [missing] does not exist")]
    public async Task A_server_side_failure_rejects_no_event(string type, string reason)
    {
        var refusals = 0;
        _server.RefuseItem = _ => Interlocked.Increment(ref refusals) <= 10 ? (400, type, reason) : null;
        using var sink = new SinkUnderTest(_server.Url, _folder.Path, options => options with { Linger = TimeSpan.FromMilliseconds(300) });
        sink.Write(1, 10);

        await _server.UntilAsync(server => server.Documents.Count == 10);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*rejected*"));
    }

    [Fact]
    public async Task The_next_node_is_used_when_one_is_not_ready()
    {
        await using var fit = await FakeElasticsearch.StartAsync();
        _server.Refuse = (_, _) => (HttpStatusCode.ServiceUnavailable, "");
        using var sink = new SinkUnderTest($"{_server.Url},{fit.Url}", _folder.Path);
        sink.Write(1, 10);

        await fit.UntilAsync(server => server.Documents.Count == 10);
    }

    [Fact]
    public async Task An_unwritable_console_does_not_stop_sending()
    {
        _server.Refuse = (number, _) => number <= 2 ? (HttpStatusCode.ServiceUnavailable, "") : null;
        using var sink = new SinkUnderTest(_server.Url, _folder.Path, options => options with { Notice = _ => throw new IOException("no space left") });
        sink.Write(1, 10);

        await _server.UntilAsync(server => server.Documents.Count == 10);
    }

    [Fact]
    public async Task An_error_response_of_a_proxy_rejects_no_event()
    {
        _server.Refuse = (number, _) => number <= 2 ? (HttpStatusCode.BadRequest, "<html>The plain HTTP request was sent to HTTPS port</html>") : null;
        using var sink = new SinkUnderTest(_server.Url, _folder.Path);
        sink.Write(1, 10);

        await _server.UntilAsync(server => server.Documents.Count == 10);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*rejected*"));
    }

    [Fact]
    public async Task An_unreadable_response_is_retried()
    {
        _server.Refuse = (number, _) => number <= 2 ? (HttpStatusCode.OK, "<html>Welcome</html>") : null;
        using var sink = new SinkUnderTest(_server.Url, _folder.Path);
        sink.Write(1, 10);

        await _server.UntilAsync(server => server.Documents.Count == 10);
        Assert.Contains("is the address right", Assert.Single(sink.Said), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
