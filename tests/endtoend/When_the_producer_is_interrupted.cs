using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_the_producer_is_interrupted
{
    public When_the_producer_is_interrupted() => TestBroker.Require();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task An_interrupted_map_ends_with_130_after_the_available_results(string signal)
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], Concurrency = 2 });
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["map", fleet.Kind("gated"), "\"does not fit\"", .. gate.Items(1), "--chunk", "1"]);
        await gate.WaitForStartsAsync(1);
        await producer.WaitForOutputAsync(text => text == "null\n", "the first item's line");
        producer.Signal(signal);
        var end = await producer.EndAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(("null\n", 130), (end.Output, end.ExitCode));
        Assert.EndsWith("producer: interrupted after 1 results; cancelling the jobs in flight (again: leave at once)\n", end.Error, StringComparison.Ordinal);
        gate.Open();
    }

    [Fact]
    public async Task An_interrupt_during_a_job_leaves_no_results_queue()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], More = ["--log-level", "debug"] });
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["call", fleet.Kind("gated"), .. gate.Items(1)]);
        await gate.WaitForStartsAsync(1);
        producer.Signal("INT");
        Assert.Equal(130, (await producer.EndAsync(TimeSpan.FromSeconds(15))).ExitCode);
        // Cancelled, it is answered; the consumer finds no caller for that, which holds up nothing.
        await fleet.Program.WaitForErrorAsync("cancelled");
        await fleet.Program.WaitForErrorAsync("done in");
    }

    [Fact]
    public async Task An_interrupted_map_leaves_nothing_to_run()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["gated"], Concurrency = 4 });
        using var gate = new Gate();
        await using var producer = Programs.StartProducer(["map", fleet.Kind("gated"), .. gate.Items(200), "--chunk", "1", "--in-flight", "200"]);
        await gate.WaitForStartsAsync(4);
        producer.Signal("INT");
        Assert.Equal(130, (await producer.EndAsync(TimeSpan.FromSeconds(15))).ExitCode);
        // Behind all of them in the queue.
        using var later = new Gate();
        later.Open();
        Assert.Equal(0, (await Programs.RunProducerAsync("call", fleet.Kind("gated"), later.Item(1))).ExitCode);
        Assert.Equal(4, gate.Begun.Count);
    }

    [Fact]
    public async Task An_interrupt_ends_the_wait_for_a_consumer()
    {
        var kind = $"unserved-{FleetPlan.NewSuffix()}";
        await using var producer = Programs.StartProducer(["call", kind, "1"]);
        await producer.WaitForErrorAsync("no consumer serves");
        producer.Signal("INT");
        Assert.Equal(130, (await producer.EndAsync(TimeSpan.FromSeconds(15))).ExitCode);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [kind]);
    }
}
