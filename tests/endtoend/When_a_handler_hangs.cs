using Broker.Contracts;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_handler_hangs
{
    public When_a_handler_hangs() => TestBroker.Require();

    [Fact]
    public async Task Its_item_times_out_and_the_supervisor_replaces_its_process_when_the_other_jobs_are_done()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave", "gated"], Processes = 1, Concurrency = 2 });
        using var gate = new Gate();
        await using var other = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)]);
        await gate.WaitForStartsAsync(1);
        var hung = await Programs.RunProducerAsync("call", fleet.Kind("behave"), "hang", "--timeout", "1s", "--attempts", "1");
        Assert.Equal(1, hung.ExitCode);
        Assert.Contains($"{FailureTypes.TimedOut}: ran longer than 1 s and ignored its cancellation token", hung.Error, StringComparison.Ordinal);

        await fleet.Program.WaitForErrorAsync($"a handler of kind '{fleet.Kind("behave")}' ignores its time limit: this process takes no more jobs");
        // Nobody takes it: the process waits for its other job.
        await using var waiting = Programs.StartProducer(["call", fleet.Kind("behave"), "who"]);
        Assert.False(other.HasEnded);
        Assert.Single(fleet.ChildIds);
        gate.Open();
        Assert.Equal(0, (await other.EndAsync()).ExitCode);
        await fleet.Program.WaitForErrorAsync($"child process {fleet.ChildIds[0]} was no longer fit to run jobs and has ended");

        var end = await waiting.EndAsync();
        Assert.Equal((0, $"{fleet.ChildIds[1]}\n"), (end.ExitCode, end.Output));
        Assert.DoesNotContain("ended with exit code", fleet.Program.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alone_the_program_ends_with_1()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"] });
        var hung = await Programs.RunProducerAsync("call", fleet.Kind("behave"), "hang", "--timeout", "1s", "--attempts", "1");
        Assert.Equal(1, hung.ExitCode);
        var end = await fleet.Program.EndAsync();
        Assert.Equal(1, end.ExitCode);
        Assert.Contains("ignores its time limit", end.Error, StringComparison.Ordinal);
    }
}
