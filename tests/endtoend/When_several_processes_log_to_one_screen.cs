using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_several_processes_log_to_one_screen
{
    // Less in total than a supervisor's queue, because a busy test run reads slowly.
    private const int Jobs = 600;

    public When_several_processes_log_to_one_screen() => TestBroker.Require();

    [Fact]
    public async Task Every_line_is_complete_and_in_time_order()
    {
        await using var fleet = ConsumerFleet.Launch(Chatty with { Processes = 8, More = ["--log-level", "debug", "--log-format", "json"] });
        await fleet.Program.WaitForErrorAsync(text => text.Split("process-ready").Length == 10, "nine processes that are ready");
        // High load on few processors: children are delayed, and their lines are waited for.
        await using var producer = Programs.StartProducer(
            ["map", fleet.Kind("chatty"), .. Enumerable.Repeat("""{"lines":10}""", Jobs), "--chunk", "5", "--unordered"]);
        var results = await producer.EndAsync();
        Assert.Equal(0, results.ExitCode);
        fleet.Program.Signal("TERM");
        var end = await fleet.Program.EndAsync();
        Assert.Equal(0, end.ExitCode);

        var lines = end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.DoesNotContain(lines, line => Action(line) == "logs-dropped");
        Assert.Equal(Jobs * 10, lines.Count(line => line.GetProperty("message").GetString()!.StartsWith("line ", StringComparison.Ordinal)));
        var times = lines.Select(line => line.GetProperty("@timestamp").GetDateTimeOffset()).ToList();
        Assert.Equal(times.Order(), times);

        var children = lines.Where(line => Action(line) == "process-ready").Select(Pid).Where(pid => pid != fleet.Program.Id).ToHashSet();
        Assert.Equal(8, children.Count);
        Assert.Equal(children.Append(fleet.Program.Id).Order(), lines.Select(Pid).Distinct().Order());
        Assert.Equal("all child processes have stopped", lines[^1].GetProperty("message").GetString());
        Assert.Equal(8, lines.Count(line => line.GetProperty("message").GetString() == "stopped"));

        static int Pid(JsonElement line) => line.GetProperty("process.pid").GetInt32();
        static string? Action(JsonElement line) => line.TryGetProperty("event.action", out var action) ? action.GetString() : null;
    }

    [Fact]
    public async Task Output_of_a_handler_is_shown_and_its_process_stays_ready()
    {
        await using var fleet = await ConsumerFleet.StartAsync(Chatty with { Processes = 2 });
        for (var call = 0; call < 4; call++)
        {
            var end = await Programs.RunProducerAsync("call", fleet.Kind("chatty"), """{"lines":0,"print":true}""");
            Assert.Equal(0, end.ExitCode);
            var pid = int.Parse(end.Output, CultureInfo.InvariantCulture);
            Assert.Contains(pid, fleet.ChildIds);
            await fleet.Program.WaitForErrorAsync($"printed by {pid}\n");
            await fleet.Program.WaitForErrorAsync($"echoed by {pid}\n");
        }

        fleet.Program.Signal("TERM");
        var screen = (await fleet.Program.EndAsync()).Error;
        Assert.Contains("no end\n", screen, StringComparison.Ordinal);
        // A loss of readiness would be followed by a second ready line.
        Assert.DoesNotContain("ready again", screen, StringComparison.Ordinal);
        Assert.Equal(3, screen.Split(" ready in ").Length - 1);
        Assert.DoesNotContain('\x1e', screen);
    }

    [Fact]
    public async Task A_child_that_leaves_an_orphan_process_is_restarted()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 1 });
        await using var producer = Programs.StartProducer(["call", fleet.Kind("behave"), """{"as":"orphan","number":1}"""]);
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        RunningProgram.Signal(fleet.ChildIds[0], "KILL");
        await fleet.Program.WaitForErrorAsync(text => text.Split($"pid={fleet.Program.Id} ready").Length == 3, "a supervisor that is ready again");
    }

    [Theory]
    [InlineData(null, 6_000)]
    [InlineData(2, 12_000)]
    public async Task An_unread_console_does_not_block_jobs(int? processes, int jobs)
    {
        // Their lines, of some 250 bytes, are more than a process keeps for its screen.
        await using var fleet = ConsumerFleet.Launch(Chatty with { Processes = processes, Concurrency = 4, More = ["--log-level", "debug"], ErrorIsRead = false });
        await using var producer = Programs.StartProducer(["map", fleet.Kind("chatty"), "-f", "-", "--chunk", "1", "--unordered"], keepInput: true);
        for (var job = 0; job < jobs; job++)
            await producer.Input.WriteAsync("""{"lines":5}""" + "\n");
        producer.Input.Close();
        var end = await producer.EndAsync(TimeSpan.FromMinutes(3));
        Assert.Equal((0, jobs), (end.ExitCode, end.OutputLines.Length));

        var clock = Stopwatch.StartNew();
        fleet.Program.Signal("TERM");
        Assert.Equal(0, (await fleet.Program.EndAsync()).ExitCode);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public async Task A_crash_in_a_handler_thread_is_shown_with_all_earlier_lines(int? processes)
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = processes, More = ["--log-level", "debug"] });
        await using var producer = Programs.StartProducer(["call", fleet.Kind("behave"), """{"as":"throw-on-a-thread","number":1}"""]);
        await fleet.Program.WaitForErrorAsync("Unhandled exception. System.InvalidOperationException: nobody catches item 1");
        await fleet.Program.WaitForErrorAsync("last words of item 1");
    }

    private static FleetPlan Chatty => new() { Kinds = ["chatty"] };
}
