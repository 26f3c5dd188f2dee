using Broker.Fleet;
using Broker.Tests.Support;
using Broker.Topology;
using static Broker.Tests.Unit.Fleet.Snapshots;

namespace Broker.Tests.Unit.Fleet;

public sealed class When_a_snapshot_is_taken
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void A_kind_adds_up_what_its_processes_answered()
    {
        var snapshot = Take(_clock, (2, [Served("sleep", 5, 1, 2)]), (1, [Served("sleep", 7, 2, 1), Served("double")]));
        Assert.Equal(["double", "sleep"], snapshot.Kinds.Select(kind => kind.Kind));
        var sleep = snapshot.Kinds[1];
        Assert.Equal((12, 3, 3, 8, 2), (sleep.Done, sleep.Failed, sleep.Running, sleep.Slots, sleep.Served.Count));
        Assert.Equal((null, null, null), (sleep.Waiting, sleep.Dead, sleep.PerSecond));
        Assert.Equal([1, 2], snapshot.Processes.Select(process => process.Identity.ProcessId));
        Assert.Equal((7, 1, 2, TimeSpan.FromHours(30)), (snapshot.Processes[0].Done, snapshot.Processes[0].Failed, snapshot.Processes[0].Running, snapshot.Processes[0].Up));
    }

    [Fact]
    public void A_kind_without_a_queue_has_no_count_and_not_none_waiting()
    {
        var snapshot = Take(_clock, (1, [Served("sleep")])).With(["gone", "sleep"]).With(new Dictionary<string, KindQueues>
        {
            ["gone"] = new(null, null),
            ["sleep"] = new(new QueueDepth(0, 1), new QueueDepth(4, 0)),
        });
        Assert.Equal([("gone", null, null), ("sleep", 0L, 4L)], snapshot.Kinds.Select(kind => (kind.Kind, kind.Waiting, kind.Dead)));
    }

    [Fact]
    public void Named_kinds_leave_out_the_others_and_the_processes_that_serve_none_of_them()
    {
        var snapshot = Take(_clock, (1, [Served("sleep"), Served("double")]), (2, [Served("double")])).With(["gone"]);
        var only = snapshot.Only(["sleep", "gone"]);
        Assert.Equal(["gone", "sleep"], only.Kinds.Select(kind => kind.Kind));
        Assert.Equal(1, Assert.Single(only.Processes).Identity.ProcessId);
        Assert.Same(snapshot, snapshot.Only([]));
    }

    [Fact]
    public void The_rate_is_that_of_the_processes_which_were_there_before_and_still_are()
    {
        var before = Take(_clock, (1, [Served("sleep", 100)]), (2, [Served("sleep", 1000)]));
        _clock.Advance(TimeSpan.FromSeconds(2));
        // One ended, one came with the count of hours.
        var after = Take(_clock, (1, [Served("sleep", 130)]), (3, [Served("sleep", 5000), Served("double", 9)])).Since(before);
        Assert.Equal([("double", null), ("sleep", 15.0)], after.Kinds.Select(kind => (kind.Kind, kind.PerSecond)));
    }

    [Fact]
    public void Rates_of_failures_and_of_jobs_taken_tell_when_the_queue_is_empty()
    {
        var queues = new Dictionary<string, KindQueues> { ["sleep"] = new(new QueueDepth(600, 2), null) };
        var before = Take(_clock, (1, [Served("sleep", 100, failed: 5) with { Taken = 10 }]), (2, [Served("sleep") with { Taken = 5000 }])).With(queues);
        Assert.Equal((null, null), (before.Kinds[0].Remaining, before.Measured));
        _clock.Advance(TimeSpan.FromSeconds(10));
        // The second was started again under the same host, pid and name.
        var after = Take(_clock, (1, [Served("sleep", 400, failed: 25) with { Taken = 30 }]), (2, [Served("sleep") with { Taken = 3 }])).With(queues).Since(before);
        var sleep = after.Kinds[0];
        Assert.Equal((30.0, 2.0, 2.0), (sleep.PerSecond, sleep.FailedPerSecond, sleep.TakenPerSecond));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(10)), (sleep.Remaining, after.Measured));
        Assert.Equal([30.0, 0.0], after.Processes.Select(process => process.PerSecond!.Value));
        Assert.Null(after.With(new Dictionary<string, KindQueues> { ["sleep"] = new(new QueueDepth(0, 2), null) }).Kinds[0].Remaining);
    }

    [Fact]
    public void Ages_are_told_by_the_clock_of_the_process_that_holds_the_jobs()
    {
        var (minute, second) = (TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1));
        var fleet = FleetSnapshot.Of([Behind(_clock, 1, Holding("sleep", _clock, second, minute), Served("double")), Behind(_clock, 2, Holding("sleep", _clock, second))], _clock);
        Assert.Equal([("double", null), ("sleep", minute)], fleet.Kinds.Select(kind => (kind.Kind, kind.Oldest)));
        Assert.Equal([(JobId(1), minute), (JobId(0), second)], fleet.Processes[0].Jobs.Select(job => (job.Held.JobId, job.Age)));
        Assert.Equal(TimeSpan.FromMinutes(3), fleet.Processes[0].Up);
    }
}
