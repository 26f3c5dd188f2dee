using System.Text.Json.Nodes;
using Broker.Logging;
using Broker.Logging.Elasticsearch;
using Broker.Tests.Support;
using Serilog;

namespace Broker.Tests.Integration.Logging;

public sealed class When_events_are_stored_by_a_real_server : IAsyncDisposable
{
    private readonly TestElasticsearch _server = TestElasticsearch.Require();
    private readonly TestFolder _folder = new();

    // Outside the pattern of the real data streams: some tests give it a mapping that those must not have.
    private readonly string _stream = $"broker-test-{Guid.NewGuid():N}";

    [Fact]
    public async Task Each_event_is_stored_once_with_a_numeric_sequence()
    {
        await PutOurTemplateAsync();
        Write(log =>
        {
            for (var number = 1; number <= 5000; number++)
                log.ForContext("JobId", $"job-{number}").Information("number {Number}", number);
        });

        Assert.Equal(5000, await CountAsync("""{"match_all":{}}"""));
        Assert.Equal(5000, await CountAsync($$"""{ "range": { "process.pid": { "gte": {{Environment.ProcessId}}, "lte": {{Environment.ProcessId}} } } }"""));
        Assert.Equal(1, await CountAsync("""{"term":{"labels.job_id":"job-4711"}}"""));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task An_event_that_the_mapping_rejects_is_dead_lettered_and_no_other_is_lost()
    {
        await PutTemplateAsync("""{"settings":{"number_of_replicas":0},"mappings":{"properties":{"labels.value":{"type":"long"}}}}""");
        Write(log =>
        {
            for (var number = 1; number <= 50; number++)
                log.Information("number {Value}", number == 25 ? "many" : $"{number}");
        });

        Assert.Equal(49, await CountAsync("""{"match_all":{}}"""));
        var letter = JsonNode.Parse(Assert.Single(File.ReadAllLines(Assert.Single(Directory.GetFiles(_folder.Path, "*rejected*.ndjson")))))!;
        Assert.Equal(400, (int)letter["status"]!);
        Assert.Contains("labels.value", (string)letter["reason"]!, StringComparison.Ordinal);
        Assert.Equal("number many", (string)letter["event"]!["message"]!);
    }

    [Fact]
    public async Task Unusual_events_are_stored()
    {
        await PutOurTemplateAsync();
        Write(log =>
        {
            log.Information("{Text}", new string('x', 10 * 1024 * 1024));
            log.Information("{@Value}", Enumerable.Range(0, 10_000).ToDictionary(number => $"name{number}", number => number));
            log.ForContext("start", "x").ForContext("end", 5).ForContext("created", "never").ForContext("Client_ip", "none").Information("names that mean something elsewhere");
            log.ForContext("Odd\ud800.Name", "\0\a\ud83d").Information("control {Text}", "nul \0 bell \a half \ud83d end");
            log.Error(new InvalidOperationException(new string('y', 1_000_000)), "large failure");
        });

        Assert.Equal(5, await CountAsync("""{"match_all":{}}"""));
        Assert.Equal(1, await CountAsync("""{"term":{"labels.created":"never"}}"""));
    }

    [Fact]
    public async Task Events_with_too_many_fields_are_dead_lettered()
    {
        await PutTemplateAsync("""{"settings":{"number_of_replicas":0,"index.mapping.total_fields.limit":60}}""");
        Write(log =>
        {
            for (var number = 0; number < 100; number++)
                log.ForContext($"Name{number}", number).Information("event {Number}", number);
        });

        var rejected = Directory.GetFiles(_folder.Path, "*rejected*.ndjson").SelectMany(File.ReadAllLines).ToList();
        var stored = await CountAsync("""{"match_all":{}}""");
        Assert.InRange(stored, 1, 99);
        Assert.Equal(100 - stored, rejected.Count);
        Assert.All(rejected, letter => Assert.Contains("total fields", letter, StringComparison.Ordinal));
    }

    private async Task PutOurTemplateAsync() => await PutTemplateAsync(JsonNode.Parse(
        await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Logging", "index-template.json"), TestContext.Current.CancellationToken))!["template"]!.ToJsonString());

    private async Task PutTemplateAsync(string template) => await _server.SendAsync(
        HttpMethod.Put, $"_index_template/{_stream}", $$"""{ "index_patterns": ["{{_stream}}"], "data_stream": {}, "priority": 900, "template": {{template}} }""");

    public async ValueTask DisposeAsync()
    {
        await _server.TrySendAsync(HttpMethod.Delete, $"_index_template/{_stream}");
        _server.Dispose();
        _folder.Dispose();
    }

    private void Write(Action<ILogger> write)
    {
        using var logger = new LoggerConfiguration().WriteTo.Elasticsearch(_server.Url, indexFormat: _stream, autoRegisterTemplate: false, bufferBaseFilename: Path.Combine(_folder.Path, "logs"), period: 0.1).CreateLogger();
        write(logger);
    }

    private async Task<int> CountAsync(string query)
    {
        await _server.SendAsync(HttpMethod.Post, $"{_stream}/_refresh");
        return (int)(await _server.SendAsync(HttpMethod.Post, $"{_stream}/_count", $$"""{"query":{{query}}}"""))["count"]!;
    }
}
