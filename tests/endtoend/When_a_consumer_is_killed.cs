using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_consumer_is_killed
{
    public When_a_consumer_is_killed() => TestBroker.Require();

    [Fact]
    public async Task The_job_of_a_killed_consumer_is_redelivered_and_every_item_has_one_result()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], Processes = 4 });
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["map", fleet.Kind("gated"), .. gate.Items(8)]);
        await gate.WaitForStartsAsync(4);
        var (number, victim) = gate.Begun[0];
        Assert.Contains(victim, fleet.ChildIds);

        RunningProgram.Signal(victim, "KILL");
        await fleet.Program.WaitForErrorAsync($"child process {victim} was ended by signal 9");
        gate.Open();

        var end = await producer.EndAsync();
        Assert.Equal(0, end.ExitCode);
        var passed = end.OutputLines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(Enumerable.Range(0, 8), passed.Select(result => result.GetProperty("number").GetInt32()));
        Assert.NotEqual(victim, passed[number].GetProperty("processId").GetInt32());
        Assert.Equal(2, gate.Begun.Count(begun => begun.Number == number));
    }

    [Fact]
    public async Task The_supervisor_restarts_a_killed_child()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"], Processes = 2 });
        var victim = fleet.ChildIds[0];
        RunningProgram.Signal(victim, "KILL");
        await fleet.Program.WaitForErrorAsync(text => Count(text, $"pid={fleet.Program.Id} ready") == 2, "a supervisor that is ready again");
        Assert.Equal(3, fleet.ChildIds.Distinct().Count());
        await using var probe = await QueueProbe.OpenAsync();
        Assert.Equal(2u, (await probe.LookAsync(Topology.Names.JobsQueue(fleet.Kind("pair"))))!.ConsumerCount);
    }

    [Fact]
    public async Task A_running_map_loses_and_duplicates_no_line()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"], Processes = 4 });
        await using var producer = Programs.StartProducer(["map", fleet.Kind("pair"), "-f", "-", "--chunk", "7"], keepInput: true);
        await FeedAsync(0, 10_000);
        await producer.WaitForOutputAsync(text => text.Length > 2000, "some results");
        var feeding = FeedAsync(10_000, 20_000);
        foreach (var victim in fleet.ChildIds.Take(2))
            RunningProgram.Signal(victim, "KILL");
        await feeding;
        producer.Input.Close();

        var end = await producer.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(n => $"\"{n}/{n + 1}\""), end.OutputLines);

        async Task FeedAsync(int from, int to)
        {
            for (var n = from; n < to; n++)
                await producer.Input.WriteAsync($"[{n},{n + 1}]\n");
            await producer.Input.FlushAsync();
        }
    }

    [Fact]
    public async Task Children_of_a_killed_supervisor_finish_their_jobs_and_end()
    {
        var plan = new FleetPlan { Kinds = ["gated"], Processes = 2, KeepQueues = true };
        await using var killed = await ConsumerFleet.StartAsync(plan);
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["map", killed.Kind("gated"), .. gate.Items(6)]);
        await gate.WaitForStartsAsync(2);

        killed.Program.Kill();
        // The children write to the pipe inherited from their supervisor.
        await killed.Program.WaitForErrorAsync(text => Count(text, "stopping: no more jobs are taken; 1 running") == 2, "two children that stop");
        gate.Open();
        await using var successor = await ConsumerFleet.StartAsync(plan with { KeepQueues = false });

        var end = await producer.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(Enumerable.Range(0, 6), end.OutputLines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("number").GetInt32()));
        foreach (var orphan in killed.ChildIds)
            await Processes.WaitUntilGoneAsync(orphan);
        Assert.Equal(6, gate.Begun.Count);
    }

    [Fact]
    public async Task Without_a_supervisor_the_next_consumer_logs_the_crash()
    {
        using var folder = new TestFolder();
        var plan = new FleetPlan
        {
            Url = Programs.NoBroker,
            BuiltIn = ["double"],
            Environment = new Dictionary<string, string?> { ["BROKER__LOGGING__DIRECTORY"] = Path.Combine(folder.Path, "logs"), ["BROKER__LOGGING__SPOOL"] = Path.Combine(folder.Path, "spool") },
        };
        await using var killed = ConsumerFleet.Launch(plan);
        await killed.Program.WaitForErrorAsync("waiting for the broker");
        killed.Program.Kill();
        await killed.Program.EndAsync();

        foreach (var crashes in new[] { 1, 0 })
        {
            await using var next = ConsumerFleet.Launch(plan);
            await next.Program.WaitForErrorAsync("waiting for the broker");
            next.Program.Signal("TERM");
            var end = await next.Program.EndAsync();
            Assert.Equal((0, crashes), (end.ExitCode, Count(end.Error, $"consumer process {killed.Program.Id} on ")));
        }
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
