using Broker.Fleet;
using Broker.Producer.Cli.Commands.Fleet;
using Broker.Tests.Support;
using Broker.Topology;
using static Broker.Tests.Unit.Fleet.Snapshots;

namespace Broker.Tests.Unit.Fleet;

public sealed class When_something_of_the_fleet_is_stuck
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Nothing_is_said_of_a_fleet_that_works() =>
        Assert.Empty(FleetProblems.In(Look(5, ready: 100, taken: 1, running: 4)));

    [Fact]
    public void Jobs_without_a_consumer_are_named()
    {
        var fleet = FleetSnapshot.Of([], _clock).With(["sleep"]).With(Queues(1, consumers: 0));
        Assert.Equal("sleep: 1 job waits and no consumer serves it", $"{Assert.Single(FleetProblems.In(fleet))}");
    }

    [Fact]
    public void Consumers_that_a_queue_counts_and_that_do_not_answer_are_named() =>
        Assert.Equal("sleep: 2 of 3 consumers do not answer", $"{Assert.Single(FleetProblems.In(Take(_clock, (1, [Served("sleep")])).With(Queues(0, consumers: 3))))}");

    [Fact]
    public void Consumers_that_were_not_asked_are_not_said_to_be_silent()
    {
        var fleet = FleetSnapshot.Of([], _clock).With(["sleep"]).With(Queues(0, consumers: 3)) with { Unasked = true };
        Assert.Equal("consumers: not asked, for the broker takes no messages: a memory or disk alarm?", $"{Assert.Single(FleetProblems.In(fleet))}");
    }

    [Theory]
    [InlineData(4, 100, 0, 1, false)]
    [InlineData(5, 100, 0, 1, true)]
    [InlineData(5, 100, 1, 1, false)]
    [InlineData(5, 0, 0, 1, false)]
    [InlineData(5, 100, 0, 4, false)]
    public void Jobs_that_no_free_slot_takes_for_five_seconds_are_stuck(int seconds, long ready, long taken, int running, bool stuck)
    {
        var found = FleetProblems.In(Look(seconds, ready, taken, running)).Select(problem => $"{problem}");
        Assert.Equal(stuck ? ["sleep: 100 jobs wait, 3 slots are free, and none was taken for 5s"] : [], found);
    }

    [Fact]
    public void Dead_letters_are_one_problem_together()
    {
        var fleet = Take(_clock).With(["a", "b", "c"]).With(new Dictionary<string, KindQueues> { ["a"] = new(null, new(2, 0)), ["b"] = new(null, new(0, 0)), ["c"] = new(null, new(1, 0)) });
        Assert.Equal("dead letters: a 2, c 1", $"{Assert.Single(FleetProblems.In(fleet))}");
    }

    private FleetSnapshot Look(int seconds, long ready, long taken, int running)
    {
        var before = Take(_clock, (1, [Served("sleep", running: running)]));
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        return Take(_clock, (1, [Served("sleep", running: running) with { Taken = taken }])).With(Queues(ready, consumers: 1)).Since(before);
    }

    private static Dictionary<string, KindQueues> Queues(long ready, long consumers) => new() { ["sleep"] = new(new QueueDepth(ready, consumers), null) };
}
