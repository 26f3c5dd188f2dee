using System.Diagnostics;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_a_kind_has_no_consumer(When_a_kind_has_no_consumer.Fleet fleet) : IClassFixture<When_a_kind_has_no_consumer.Fleet>
{
    private readonly ConsumerFleet _fleet = fleet.Require();

    [Fact]
    public async Task The_producer_says_so_within_two_seconds_and_names_the_nearest()
    {
        var served = _fleet.Kind("reversed");
        var misspelt = served.Replace("reversed", "revresed", StringComparison.Ordinal);
        var clock = Stopwatch.StartNew();
        await using var producer = Programs.StartProducer(["call", misspelt, "words"]);
        await producer.WaitForErrorAsync($"no consumer serves '{misspelt}' now (did you mean '{served}'?); waiting for one that does");
        // Two seconds are promised to somebody who waits; the third is for a busy machine to start the program.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(3), $"it took {clock.Elapsed}");
        producer.Signal("INT");
        Assert.Equal(130, (await producer.EndAsync()).ExitCode);
        await QueueProbe.DeleteKindsAsync(_fleet.Url, [misspelt]);
    }

    [Fact]
    public async Task The_call_is_answered_by_the_consumer_that_comes_later()
    {
        var plan = new FleetPlan { Kinds = ["pair"] };
        await using var producer = Programs.StartProducer(["call", plan.Kind("pair"), "[1,2]"]);
        await producer.WaitForErrorAsync("no consumer serves");
        await using var late = await ConsumerFleet.StartAsync(plan);
        var end = await producer.EndAsync();
        Assert.Equal(("\"1/2\"\n", 0), (end.Output, end.ExitCode));
    }

    [Fact]
    public async Task What_was_published_runs_when_a_consumer_comes()
    {
        var plan = new FleetPlan { Kinds = ["gated"], Concurrency = 3 };
        using var gate = new Gate();
        var published = await Programs.RunProducerAsync(["publish", plan.Kind("gated"), .. gate.Items(3)]);
        Assert.Equal(0, published.ExitCode);
        Assert.Matches($@"(?m)^producer: no consumer serves '{plan.Kind("gated")}' now \([^\n]+\); its jobs wait on the broker$", published.Error);
        Assert.Empty(gate.Begun);
        await using var late = await ConsumerFleet.StartAsync(plan);
        await gate.WaitForStartsAsync(3);
        gate.Open();
        Assert.Equal([0, 1, 2], gate.Begun.Select(begun => begun.Number).Order());
    }

    [Fact]
    public async Task Status_shows_what_waits_there_until_it_is_gone()
    {
        var kind = $"waiting-{FleetPlan.NewSuffix()}";
        var line = $@"(?m)^{kind} +2 +0 +0 +- +- +- +0 +0 +0 +0$";
        await Programs.RunProducerAsync("publish", kind, "1", "2");
        Assert.Matches(line, (await Programs.RunProducerAsync("status")).Output);
        Assert.Matches(line, (await Programs.RunProducerAsync("status")).Output);
        Assert.DoesNotContain(kind, (await Programs.RunProducerAsync("status", _fleet.Kind("reversed"))).Output, StringComparison.Ordinal);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [kind]);
        Assert.DoesNotContain(kind, (await Programs.RunProducerAsync("status")).Output, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^{kind} +-", (await Programs.RunProducerAsync("status", kind)).Output);
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["reversed"] };
    }
}
