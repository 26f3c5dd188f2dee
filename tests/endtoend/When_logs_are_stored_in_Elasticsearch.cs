using System.Globalization;
using System.Text;
using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

/// <summary>The same lines in files and in a data stream: both sources give the same bytes.</summary>
public sealed class When_logs_are_stored_in_Elasticsearch : IClassFixture<LinesInBothSources>
{
    private readonly LinesInBothSources _lines;

    public When_logs_are_stored_in_Elasticsearch(LinesInBothSources lines) => _lines = lines;

    public static TheoryData<string> Options =>
    [
        "",
        "--last 0",
        "--last 0 --output json",
        "--last 1 --output json",
        "--last 999",
        "--last 1000 --output json",
        "--last 2500 --output json",
        "--pid 102 --last 0 --output json",
        "--job job-3 --last 0",
        "--batch batch-1",
        "--kind word-count --level error --last 0 --output json",
        "--level warning --last 0",
        "--since 2026-03-01T12:00:00.0005Z --until 2026-03-01T12:00:01.0000005Z --last 0 --output json",
        "--since 2026-03-01T12:00:01Z",
        "--until 2026-03-01T12:00:00.5Z --last 10",
        "--grep boom|cause --last 0 --output json",
        "--grep (?<=done.in).1[0-9]+ --last 3",
        "--job nobody",
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public async Task Elasticsearch_and_files_give_the_same_lines(string options)
    {
        using var needed = TestElasticsearch.Require();
        var arguments = $"logs --host {_lines.Host} {options}".Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var (files, server) = (await _lines.AskAsync(arguments, elasticsearch: false), await _lines.AskAsync(arguments, elasticsearch: true));
        Assert.Equal(0, files.ExitCode);
        Assert.Equal((files.ExitCode, files.Output), (server.ExitCode, server.Output));
        Assert.Equal(files.Error.Contains("left out", StringComparison.Ordinal), server.Error.Contains("left out", StringComparison.Ordinal));
        Assert.Equal(options.EndsWith("nobody", StringComparison.Ordinal), files.Output.Length == 0);
    }

    [Fact]
    public async Task A_follow_shows_each_new_line_once_including_late_ones()
    {
        using var needed = TestElasticsearch.Require();
        var host = $"{_lines.Host}-followed";
        await _lines.StoreAsync([Now(host, -5, 1), Now(host, -3, 2), Now(host, -1, 3)]);
        await using var follow = _lines.Start(["logs", "--host", host, "--follow", "--last", "2"], elasticsearch: true);
        await follow.WaitForOutputAsync(text => text.Contains("number 3", StringComparison.Ordinal), "the lines that were there");
        await _lines.StoreAsync([Now(host, 0, 4)]);
        await follow.WaitForOutputAsync(text => text.Contains("number 4", StringComparison.Ordinal), "a new line");
        await _lines.StoreAsync([Now(host, -30, 5)]);
        await follow.WaitForOutputAsync(text => text.Contains("number 5", StringComparison.Ordinal), "a line that came late");
        await _lines.StoreAsync([Now(host, 0, 6)]);
        await follow.WaitForOutputAsync(text => text.Contains("number 6", StringComparison.Ordinal), "another line");
        follow.Signal("INT");
        var end = await follow.EndAsync();
        Assert.Equal(130, end.ExitCode);
        Assert.Equal(["2", "3", "4", "5", "6"], end.OutputLines.Select(line => line[^1..]));
    }

    private static string Now(string host, int seconds, int number) => LinesInBothSources.Line(DateTime.UtcNow.AddSeconds(seconds), host, 1, number, $"number {number}", []);
}

/// <summary>Lines of six processes: with equal times, out of order, with and without a sequence number.</summary>
public sealed class LinesInBothSources : IAsyncLifetime
{
    private const int Count = 4000;

    private readonly TestFolder _folder = new();
    private readonly string _id = Guid.NewGuid().ToString("N")[..8];
    private readonly TestElasticsearch? _server = TestElasticsearch.Find();

    /// <summary>A label on no other line of the server.</summary>
    public string Host => $"host-{_id}";

    private string Stream => $"logs-broker.test{_id}-default";

    public static string Line(DateTime time, string host, int pid, int? sequence, string message, Dictionary<string, object> more)
    {
        var fields = new Dictionary<string, object>
        {
            ["@timestamp"] = time.ToString("O", CultureInfo.InvariantCulture),
            ["log.level"] = "info",
            ["message"] = message,
            ["process.pid"] = pid,
            ["process.entity_id"] = $"{host}-{pid}-1",
            ["host.hostname"] = host,
        };
        if (sequence is not null)
            fields["event.sequence"] = sequence;
        foreach (var (name, value) in more)
            fields[name] = value;
        return JsonSerializer.Serialize(fields);
    }

    public async ValueTask InitializeAsync()
    {
        if (_server is null)
            return;
        await _server.SendAsync(HttpMethod.Put, $"_index_template/broker-test-{_id}", Template);
        var random = new Random(1);
        var lines = Lines(random).ToList();
        foreach (var file in lines.GroupBy(line => line.Pid))
            _folder.Write($"process-{file.Key}.ndjson", string.Concat(file.Select(line => $"{line.Text}\n")));
        var shuffled = lines.Select(line => line.Text).ToArray();
        random.Shuffle(shuffled);
        await StoreAsync(shuffled);
    }

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        if (_server is null)
            return;
        // A server without its optional modules cannot delete a data stream; no other test uses this one.
        await _server.TrySendAsync(HttpMethod.Delete, $"_data_stream/{Stream}");
        await _server.TrySendAsync(HttpMethod.Delete, $"_index_template/broker-test-{_id}");
        _server.Dispose();
    }

    public async Task StoreAsync(IEnumerable<string> lines)
    {
        foreach (var part in lines.Chunk(1000))
        {
            var body = new StringBuilder();
            foreach (var line in part)
                body.Append(CultureInfo.InvariantCulture, $"{{\"create\":{{\"_id\":\"{Guid.NewGuid()}\"}}}}\n{line}\n");
            Assert.False((bool)(await _server!.SendAsync(HttpMethod.Post, $"{Stream}/_bulk?refresh=true", body.ToString()))["errors"]!);
        }
    }

    public async Task<ProgramEnd> AskAsync(IEnumerable<string> arguments, bool elasticsearch)
    {
        await using var producer = Start(arguments, elasticsearch);
        return await producer.EndAsync();
    }

    public RunningProgram Start(IEnumerable<string> arguments, bool elasticsearch) => RunningProgram.Start(
        Programs.Producer,
        arguments,
        new Dictionary<string, string?> { ["ELASTICSEARCH_URL"] = elasticsearch ? _server!.Url : null, ["BROKER__LOGGING__DIRECTORY"] = elasticsearch ? "none" : _folder.Path });

    private IEnumerable<(int Pid, string Text)> Lines(Random random)
    {
        var time = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        for (var number = 0; number < Count; number++)
        {
            // Many lines of one millisecond, some of one tick, some out of order.
            time = time.AddTicks(random.Next(4) switch { 0 => 0, 1 => 1, 2 => 700, _ => 20_000 });
            var pid = 100 + random.Next(6);
            var more = new Dictionary<string, object> { ["log.level"] = new[] { "debug", "info", "warning", "error", "fatal" }[random.Next(5)] };
            if (random.Next(2) == 0)
                (more["labels.job_id"], more["labels.batch_id"], more["labels.kind"]) = ($"job-{random.Next(20)}", $"batch-{random.Next(3)}", random.Next(2) == 0 ? "double" : "word-count");
            if (random.Next(10) == 0)
                (more["error.message"], more["error.stack_trace"]) = ("the CAUSE", "at here\n at there");
            var message = random.Next(3) == 0 ? $"Boom \u001b[31m gr\u00fcn \U0001f642\n{number}" : $"done in {number} ms";
            yield return (pid, Line(time.AddTicks(random.Next(5) == 0 ? -random.Next(3000) : 0), Host, pid, random.Next(5) == 0 ? null : number, message, more));
        }
    }

    private string Template => $$"""
        {
          "index_patterns": ["{{Stream}}"], "data_stream": {}, "priority": 900,
          "template": {
            "settings": { "index.number_of_replicas": 0 },
            "mappings": {
              "dynamic_templates": [{ "text": { "match_mapping_type": "string", "mapping": { "type": "keyword" } } }],
              "properties": {
                "@timestamp": { "type": "date" }, "message": { "type": "text" }, "event": { "properties": { "sequence": { "type": "long" } } },
                "process": { "properties": { "pid": { "type": "long" } } }
              }
            }
          }
        }
        """;
}
