using System.Diagnostics;
using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_logs_go_to_Elasticsearch : IDisposable
{
    private const int Jobs = 300;

    private readonly TestFolder _spool = new();
    private readonly int _port = FreePort.Next();

    public When_logs_go_to_Elasticsearch() => TestBroker.Require();

    private Dictionary<string, string?> Logging => new() { ["ELASTICSEARCH_URL"] = $"http://127.0.0.1:{_port}", ["BROKER__LOGGING__SPOOL"] = _spool.Path };

    private FleetPlan Plan => new() { Kinds = ["pair"], Processes = 3, Concurrency = 2, Environment = Logging };

    [Fact]
    public async Task A_job_has_one_id_and_one_trace_in_producer_and_consumer()
    {
        await using var server = await FakeElasticsearch.StartAsync(_port);
        await RunAsync(Plan, async fleet =>
        {
            await MapAsync(fleet, 1);
            fleet.Program.Signal("TERM");
            await fleet.Program.EndAsync();
        });

        var submitted = Assert.Single(Actions(server, "job-submitted"));
        var job = submitted.GetProperty("labels.job_id").GetString();
        var completed = Assert.Single(Actions(server, "job-completed"), document => document.GetProperty("labels.job_id").GetString() == job);
        Assert.Equal("broker-producer", submitted.GetProperty("service.name").GetString());
        Assert.Equal("broker-consumer", completed.GetProperty("service.name").GetString());
        Assert.Equal(submitted.GetProperty("process.pid").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), completed.GetProperty("labels.producer_pid").GetString());
        Assert.Equal(submitted.GetProperty("trace.id").GetString(), completed.GetProperty("trace.id").GetString());
        Assert.True(completed.GetProperty("event.duration").GetInt64() > 0);
        Assert.Contains(Actions(server, "process-stopped"), document => document.GetProperty("process.name").GetString() == "consumer-1");
    }

    [Fact]
    public async Task Unsent_events_of_killed_consumers_are_sent_once_by_later_ones()
    {
        await RunAsync(Plan, async fleet =>
        {
            await MapAsync(fleet, Jobs);
            // The spool's thread has finished when the last job's event is in a file.
            await UntilAsync(() => SpooledJobs() >= Jobs, "all events on disk");
            foreach (var victim in fleet.ChildIds.Prepend(fleet.Program.Id))
                RunningProgram.Signal(victim, "KILL");
            await fleet.Program.EndAsync();
        });
        await using var server = await FakeElasticsearch.StartAsync(_port);
        await RunAsync(Plan, _ => server.UntilAsync(_ => Actions(server, "job-completed").Count() >= Jobs));

        Assert.Equal(Jobs, Actions(server, "job-completed").Select(document => document.GetProperty("labels.job_id").GetString()).Distinct().Count());
        Assert.Equal(Jobs, Actions(server, "job-completed").Count());
    }

    [Fact]
    public async Task Stored_events_are_sent_by_logs_ship_without_a_consumer()
    {
        await RunAsync(Plan, async fleet =>
        {
            await MapAsync(fleet, 10);
            fleet.Program.Signal("TERM");
            Assert.Equal(0, (await fleet.Program.EndAsync()).ExitCode);
            Assert.Single(fleet.Program.Error.ToString().Split('\n'), line => line.Contains("logs: Elasticsearch at", StringComparison.Ordinal));
        });
        var refused = await ShipAsync();
        Assert.Equal(69, refused.ExitCode);
        Assert.StartsWith($"consumer: logs: Elasticsearch at http://127.0.0.1:{_port} cannot be reached", refused.Error, StringComparison.Ordinal);

        await using var server = await FakeElasticsearch.StartAsync(_port);
        var shipped = await ShipAsync();
        Assert.Equal((0, $"{server.Documents.Count} events sent"), (shipped.ExitCode, shipped.Output.Trim()));
        Assert.Equal(10, Actions(server, "job-completed").Count());
        Assert.StartsWith("no events stored", (await ShipAsync()).Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_spool.Path));
    }

    [Fact]
    public async Task A_crash_is_logged_with_its_signal()
    {
        await using var server = await FakeElasticsearch.StartAsync(_port);
        await RunAsync(Plan, async fleet =>
        {
            RunningProgram.Signal(fleet.ChildIds[0], "KILL");
            await server.UntilAsync(_ => Actions(server, "process-crashed").Any());
            var crash = Actions(server, "process-crashed").First();
            Assert.Equal(137, crash.GetProperty("process.exit_code").GetInt32());
            Assert.Equal("9", crash.GetProperty("labels.signal").GetString());
            Assert.Equal($"{fleet.ChildIds[0]}", crash.GetProperty("labels.child_pid").GetString());
        });
    }

    [Fact]
    public async Task A_producer_does_not_wait_for_an_unavailable_server_at_its_end()
    {
        await RunAsync(Plan, async fleet =>
        {
            var started = Stopwatch.GetTimestamp();
            await MapAsync(fleet, 1);
            Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 4);
        });
    }

    public void Dispose() => _spool.Dispose();

    private static async Task RunAsync(FleetPlan plan, Func<ConsumerFleet, Task> useAsync)
    {
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        await useAsync(fleet);
    }

    private static IEnumerable<JsonElement> Actions(FakeElasticsearch server, string action) =>
        server.Documents.Values.Where(document => document.TryGetProperty("event.action", out var value) && value.GetString() == action);

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        for (var look = 0; !holds(); look++)
        {
            Assert.True(look < 600, $"not within 30 s: {what}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private async Task MapAsync(ConsumerFleet fleet, int items)
    {
        await using var producer = Programs.StartProducer(["map", fleet.Kind("pair"), "--chunk", "1", .. Enumerable.Range(1, items).Select(number => $"[{number},1]")], environment: Logging);
        var end = await producer.EndAsync();
        Assert.True(end.ExitCode == 0, end.ToString());
    }

    private async Task<ProgramEnd> ShipAsync()
    {
        await using var consumer = RunningProgram.Start(Programs.Consumer, ["logs", "ship"], Logging);
        return await consumer.EndAsync();
    }

    private int SpooledJobs() => Directory.GetFiles(_spool.Path, "*.seg", SearchOption.AllDirectories)
        .Sum(file => File.ReadAllText(file).Split("\"event.action\":\"job-completed\"").Length - 1);
}
