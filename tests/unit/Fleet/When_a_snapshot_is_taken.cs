using Broker.Producer.Cli.Commands.Fleet;
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
    public void The_page_fits_eighty_columns()
    {
        var before = Take(_clock, (1234567, [Served("count-primes", 1_000_000, 99, 1000)]), (1234568, [Served("count-primes", 8_000_000, 99, 20_000)]));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var snapshot = Take(_clock, (1234567, [Served("count-primes", 1_040_000, 99, 1000)]), (1234568, [Served("count-primes", 8_000_000, 99, 20_000)]))
            .With(["a-kind-of-twenty-one-"])
            .With(new Dictionary<string, KindQueues> { ["count-primes"] = new(new QueueDepth(1_234_567, 2), new QueueDepth(12_345, 0)) })
            .Since(before);
        var page = new StringWriter();
        new StatusPage(full: false).Write(snapshot, page);
        var lines = page.ToString().Split('\n');
        Assert.Contains(lines, line => line.Contains("9040000", StringComparison.Ordinal) && line.Contains("40000 ", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Length <= 80, $"{line.Length}: {line}"));
    }
}
