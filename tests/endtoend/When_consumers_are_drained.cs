using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_consumers_are_drained
{
    public When_consumers_are_drained() => TestBroker.Require();

    [Fact]
    public async Task A_process_finishes_its_job_and_ends_with_0()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"] });
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)]);
        await gate.WaitForStartsAsync(1);

        var drain = await Programs.RunProducerAsync("drain", $"{fleet.Program.Id}", "--host", Environment.MachineName);
        Assert.Equal((0, ""), (drain.ExitCode, drain.Error));
        Assert.Equal($"{fleet.Program.Id} on {Environment.MachineName} (consumer) is stopping; jobs running: 1\n", drain.Output);
        await fleet.Program.WaitForErrorAsync("stopping: no more jobs are taken; 1 running may finish for 25 s");
        Assert.False(fleet.Program.HasEnded);
        gate.Open();
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        Assert.Equal(0, (await fleet.Program.EndAsync()).ExitCode);
        Assert.Single(gate.Begun);
    }

    [Fact]
    public async Task A_job_that_outlasts_the_shutdown_timeout_is_requeued()
    {
        var plan = new FleetPlan { Kinds = ["gated"], More = ["--shutdown-timeout", "500ms"], KeepQueues = true };
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)]);
        await gate.WaitForStartsAsync(1);
        Assert.Equal(0, (await Programs.RunProducerAsync("drain", $"{fleet.Program.Id}")).ExitCode);
        var stopped = await fleet.Program.EndAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, stopped.ExitCode);
        Assert.Contains("requeued: this process stops", stopped.Error, StringComparison.Ordinal);
        gate.Open();
        await using var successor = await ConsumerFleet.StartAsync(plan with { KeepQueues = false });
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task A_child_stays_away_and_its_siblings_go_on()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 2 });
        var (drained, other) = (fleet.ChildIds[0], fleet.ChildIds[1]);
        Assert.Equal(0, (await Programs.RunProducerAsync("drain", $"{drained}")).ExitCode);
        await fleet.Program.WaitForErrorAsync($"child process {drained} has ended because it was drained; no other takes its place");
        var end = await Programs.RunProducerAsync("map", fleet.Kind("behave"), "--chunk", "1", "who", "who", "who");
        Assert.Equal([$"{other}", $"{other}", $"{other}"], end.OutputLines);
        Assert.Equal(2, fleet.ChildIds.Count);
        Assert.Equal(64, (await Programs.RunProducerAsync("drain", $"{drained}")).ExitCode);
        Assert.False(fleet.Program.HasEnded);
    }

    [Fact]
    public async Task The_id_of_a_supervisor_stops_it_and_its_children()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 2 });
        await using var bystander = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"] });
        var drain = await Programs.RunProducerAsync("drain", $"{fleet.Program.Id}");
        Assert.Equal((0, 2), (drain.ExitCode, drain.OutputLines.Length));
        var end = await fleet.Program.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Contains("all child processes have stopped", end.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await Programs.RunProducerAsync("call", bystander.Kind("behave"), "who")).ExitCode);
    }

    [Fact]
    public async Task A_host_stops_all_of_its_consumers()
    {
        PrivateBroker.Require();
        await using var broker = await PrivateBroker.StartAsync();
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 2, Url = broker.Url });
        await using var single = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Url = broker.Url });
        await using var drain = Programs.StartProducer(["drain", Environment.MachineName], broker.Url);
        var drained = await drain.EndAsync();
        Assert.Equal((0, 3), (drained.ExitCode, drained.OutputLines.Length));
        Assert.Equal(0, (await fleet.Program.EndAsync()).ExitCode);
        Assert.Equal(0, (await single.Program.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Who_is_not_there_is_an_error_that_names_those_that_are()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"] });
        var end = await Programs.RunProducerAsync("drain", "nobody-of-this-name");
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.Matches(@"^producer: no consumer is meant by 'nobody-of-this-name'; there are \d+ on [^\n]+\n$", end.Error);
    }
}
