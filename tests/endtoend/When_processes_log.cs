using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_processes_log : IDisposable
{
    private readonly TestFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Each_process_has_a_log_file_whose_lines_name_the_process()
    {
        await using var fleet = await ConsumerFleet.StartAsync(Plan with { Processes = 2 });
        await using (var producer = Programs.StartProducer(["map", fleet.Kind("context"), "one", "two", "three"], environment: Plan.Environment))
            Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        fleet.Program.Signal("TERM");
        await fleet.Program.EndAsync();

        var files = Directory.GetFiles(_logs.Path);
        Assert.Equal(4, files.Length);
        foreach (var id in fleet.ChildIds.Append(fleet.Program.Id))
        {
            var lines = Lines(Assert.Single(files, file => Path.GetFileName(file).StartsWith($"broker-consumer-{Environment.MachineName}-{id}-", StringComparison.Ordinal)));
            Assert.NotEmpty(lines);
            foreach (var line in lines)
            {
                Assert.Equal((JsonValueKind.Number, id), (line.GetProperty("process.pid").ValueKind, line.GetProperty("process.pid").GetInt32()));
                Assert.Equal("broker-consumer", line.GetProperty("service.name").GetString());
                Assert.Equal(Environment.MachineName, line.GetProperty("host.hostname").GetString());
                Assert.True(line.GetProperty("@timestamp").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(-10));
            }
        }

        Assert.Single(files, file => Path.GetFileName(file).StartsWith("broker-producer-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_lines_of_a_job_and_its_handler_have_the_jobs_labels()
    {
        await using var fleet = await ConsumerFleet.StartAsync(Plan);
        await using var producer = Programs.StartProducer(["call", fleet.Kind("context"), "remember"], environment: Plan.Environment);
        var seen = JsonDocument.Parse((await producer.EndAsync()).Output).RootElement;
        fleet.Program.Signal("TERM");
        await fleet.Program.EndAsync();

        var lines = Lines(Assert.Single(Directory.GetFiles(_logs.Path, "broker-consumer-*")));
        var noted = Assert.Single(lines, line => line.GetProperty("message").GetString() == "the handler notes remember");
        var done = Assert.Single(lines, line => line.TryGetProperty("event.action", out var action) && action.GetString() == "job-completed");
        foreach (var line in new[] { noted, done })
        {
            Assert.Equal(seen.GetProperty("jobId").GetString(), line.GetProperty("labels.job_id").GetString());
            Assert.Equal(seen.GetProperty("batchId").GetString(), line.GetProperty("labels.batch_id").GetString());
            Assert.Equal(fleet.Kind("context"), line.GetProperty("labels.kind").GetString());
            Assert.Equal("1", line.GetProperty("labels.attempt").GetString());
            Assert.Equal($"{producer.Id}", line.GetProperty("labels.producer_pid").GetString());
        }
    }

    [Fact]
    public async Task The_console_shows_plain_lines_without_a_password()
    {
        await using var fleet = await ConsumerFleet.StartAsync(Plan);
        Assert.Equal(0, (await Programs.RunProducerAsync("call", fleet.Kind("context"), "x")).ExitCode);
        fleet.Program.Signal("TERM");
        var end = await fleet.Program.EndAsync();
        Assert.Empty(end.Output);
        Assert.Matches($@"(?m)^\d\d:\d\d:\d\d\.\d\d\d INF pid={fleet.Program.Id} job=[-0-9a-f]+ kind={fleet.Kind("context")} attempt=1 the handler notes x", end.Error);
        foreach (var line in new[] { "consumer ", "  broker  amqp", "  kinds   ", "  logs    this screen, ", "  stop    Ctrl-C" })
            Assert.Matches($"(?m)^{line}", end.Error);
        var password = new UriBuilder(fleet.Url).Password;
        Assert.DoesNotContain($":{password}@", end.Error, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(_logs.Path))
            Assert.DoesNotContain($":{password}@", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_JSON_format_every_console_line_is_one_document()
    {
        await using var fleet = ConsumerFleet.Launch(Plan with { More = ["--log-format", "json"], Processes = 2 });
        await fleet.Program.WaitForErrorAsync(text => text.Split("process-ready").Length == 4, "three processes that are ready");
        fleet.Program.Signal("TERM");
        var end = await fleet.Program.EndAsync();
        Assert.All(end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.True(JsonDocument.Parse(line).RootElement.TryGetProperty("process.pid", out _)));
    }

    [Fact]
    public async Task An_unwritable_log_folder_is_reported_and_jobs_run()
    {
        var file = _logs.Write("file", "");
        await using var fleet = await ConsumerFleet.StartAsync(Plan with { Environment = new Dictionary<string, string?> { ["BROKER__LOGGING__DIRECTORY"] = Path.Combine(file, "logs") } });
        Assert.Contains("log files are off", fleet.Program.Error.ToString(), StringComparison.Ordinal);
    }

    private FleetPlan Plan => new() { Kinds = ["context"], Environment = new Dictionary<string, string?> { ["BROKER__LOGGING__DIRECTORY"] = _logs.Path } };

    private static List<JsonElement> Lines(string file) => [.. File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement)];
}
