using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Tests.Unit.Fleet;
using Broker.Topology;

namespace Broker.Tests.Unit.Pool;

public sealed class When_the_jobs_of_a_kind_are_looked_for
{
    private static readonly Guid Batch = Guid.NewGuid();

    private readonly ManualClock _clock = new();

    [Fact]
    public void Consumers_of_which_one_has_not_answered_are_not_all()
    {
        Assert.True(Trace(ready: 0, consumers: 2, Fleet((1, 0), (2, 0))).IsWhole);
        Assert.False(Trace(ready: 0, consumers: 3, Fleet((1, 0), (2, 0))).IsWhole);
        Assert.True(new KindTrace("kind", null, 0, Fleet()).IsWhole);
    }

    [Fact]
    public void A_job_is_held_by_the_consumer_that_names_one_of_its_items_under_whatever_job_id()
    {
        var held = new HeldJob { JobId = Guid.NewGuid(), BatchId = Batch, Indices = ItemIndices.Of([14, 30]), Count = 2, ReceivedAt = DateTimeOffset.UnixEpoch };
        var fleet = Snapshots.Take(_clock, (1, [Snapshots.Served("kind", running: 1) with { Jobs = [held] }]), (2, [Snapshots.Served("other", running: 1)]));
        PendingJob[] jobs = [.. Enumerable.Range(0, 7).Select(job => new PendingJob(5 * job, 5, SomeJob.Of("kind")))];
        var trace = Trace(ready: 0, consumers: 1, fleet);
        // 14 lies in the third, 30 in the last.
        Assert.Equal(jobs.Select(job => job.Message).Where((_, job) => job is not (2 or 6)), trace.NotHeld(Batch, jobs));
        Assert.Equal(jobs.Select(job => job.Message), trace.NotHeld(Guid.NewGuid(), jobs));
    }

    [Fact]
    public void A_consumer_that_does_not_name_its_jobs_may_hold_any()
    {
        var fleet = Snapshots.Take(_clock, (1, [Snapshots.Served("kind", running: 1)]));
        Assert.Empty(Trace(ready: 0, consumers: 1, fleet).NotHeld(Batch, [new PendingJob(0, 1, SomeJob.Of("kind"))]));
    }

    [Fact]
    public void The_queue_has_moved_on_when_all_that_it_held_and_as_many_as_run_at_once_were_taken()
    {
        // Each runs four at once.
        var earlier = Trace(ready: 100, consumers: 2, Fleet((1, 1000), (2, 5000)));
        Assert.False(Trace(ready: 100, consumers: 2, Fleet((1, 1050), (2, 5057))).IsPast(earlier));
        Assert.True(Trace(ready: 100, consumers: 2, Fleet((1, 1050), (2, 5058))).IsPast(earlier));
    }

    [Fact]
    public void Consumers_that_came_since_count_with_all_that_they_took_and_one_that_is_gone_with_nothing()
    {
        var earlier = Trace(ready: 10, consumers: 1, Fleet((1, 1000)));
        Assert.False(Trace(ready: 10, consumers: 1, Fleet((2, 13))).IsPast(earlier));
        Assert.True(Trace(ready: 10, consumers: 2, Fleet((2, 7), (3, 7))).IsPast(earlier));
        Assert.False(Trace(ready: 10, consumers: 1, Fleet((1, 3))).IsPast(earlier));
    }

    private static KindTrace Trace(long ready, long consumers, FleetSnapshot fleet) => new("kind", new QueueDepth(ready, consumers), 0, fleet);

    private FleetSnapshot Fleet(params (int Pid, long Taken)[] processes) =>
        Snapshots.Take(_clock, [.. processes.Select(process => (process.Pid, new[] { Snapshots.Served("kind") with { Taken = process.Taken } }))]);
}
