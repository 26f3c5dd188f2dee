using System.Text.Json;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_consumer_is_stopped
{
    public When_a_consumer_is_stopped() => TestBroker.Require();

    [Theory]
    [InlineData("TERM", null)]
    [InlineData("INT", null)]
    [InlineData("TERM", 2)]
    public async Task A_running_job_finishes_and_the_consumer_exits_with_0(string signal, int? processes)
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], Processes = processes });
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)]);
        await gate.WaitForStartsAsync(1);

        fleet.Program.Signal(signal);
        await fleet.Program.WaitForErrorAsync("stopping: no more jobs are taken; 1 running");
        Assert.False(fleet.Program.HasEnded);
        gate.Open();

        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        var end = await fleet.Program.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Contains("stopped", end.Error, StringComparison.Ordinal);
        Assert.Single(gate.Begun);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public async Task Jobs_not_started_remain_for_other_consumers(int? processes)
    {
        var plan = new FleetPlan { Kinds = ["gated"], Processes = processes, KeepQueues = true };
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["map", fleet.Kind("gated"), .. gate.Items(5)]);
        await gate.WaitForStartsAsync(processes ?? 1);
        fleet.Program.Signal("TERM");
        await fleet.Program.WaitForErrorAsync("stopping: no more jobs are taken; 1 running");
        gate.Open();
        Assert.Equal(0, (await fleet.Program.EndAsync()).ExitCode);

        await using var successor = await ConsumerFleet.StartAsync(plan with { KeepQueues = false });
        var end = await producer.EndAsync();
        Assert.Equal((0, 5), (end.ExitCode, end.OutputLines.Length));
        // None started twice: a clean stop repeats no work.
        Assert.Equal(5, gate.Begun.Count);
    }

    /// <summary>As <c>timeout</c>, systemd and shells do: the group has the signal, and the supervisor has it again.</summary>
    [Fact]
    public async Task Signals_to_supervisor_and_children_are_one_stop()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], Processes = 1 });
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)]);
        await gate.WaitForStartsAsync(1);

        fleet.Program.Signal("TERM");
        RunningProgram.Signal(fleet.ChildIds[0], "TERM");
        await fleet.Program.WaitForErrorAsync("stopping: no more jobs are taken; 1 running");
        RunningProgram.Signal(fleet.ChildIds[0], "TERM");
        fleet.Program.Signal("TERM");
        gate.Open();

        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        var end = await fleet.Program.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.DoesNotContain("cancelling", end.Error, StringComparison.Ordinal);
        Assert.Single(gate.Begun);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public async Task A_second_Ctrl_C_requeues_the_job_and_another_consumer_runs_it(int? processes)
    {
        var plan = new FleetPlan { Kinds = ["gated"], Processes = processes, KeepQueues = true };
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)]);
        await gate.WaitForStartsAsync(1);

        fleet.Program.Signal("INT");
        await fleet.Program.WaitForErrorAsync("stopping: no more jobs are taken");
        // What comes sooner is the same Ctrl-C, forwarded.
        await Task.Delay(TimeSpan.FromMilliseconds(600), TestContext.Current.CancellationToken);
        fleet.Program.Signal("INT");
        var stopped = await fleet.Program.EndAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, stopped.ExitCode);
        Assert.Contains("requeued: this process stops", stopped.Error, StringComparison.Ordinal);

        await using var successor = await ConsumerFleet.StartAsync(plan with { KeepQueues = false });
        await gate.WaitForStartsAsync(2);
        gate.Open();
        var end = await producer.EndAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal(gate.Begun[1].ProcessId, JsonDocument.Parse(end.Output).RootElement.GetProperty("processId").GetInt32());
        Assert.NotEqual(gate.Begun[0].ProcessId, gate.Begun[1].ProcessId);
    }

    [Fact]
    public async Task A_job_that_outlasts_the_shutdown_timeout_is_requeued()
    {
        var plan = new FleetPlan { Kinds = ["gated"], More = ["--shutdown-timeout", "500ms"], KeepQueues = true };
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)]);
        await gate.WaitForStartsAsync(1);
        fleet.Program.Signal("TERM");
        var stopped = await fleet.Program.EndAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, stopped.ExitCode);
        Assert.Contains("requeued: this process stops", stopped.Error, StringComparison.Ordinal);

        gate.Open();
        await using var successor = await ConsumerFleet.StartAsync(plan with { KeepQueues = false });
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task An_idle_consumer_ends_immediately()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"], Processes = 2 });
        fleet.Program.Signal("TERM");
        var end = await fleet.Program.EndAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(0, end.ExitCode);
        Assert.Contains("all child processes have stopped", end.Error, StringComparison.Ordinal);
    }
}
