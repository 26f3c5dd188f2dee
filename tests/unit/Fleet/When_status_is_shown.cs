using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Producer.Cli.Commands.Fleet;
using Broker.Tests.Support;
using Broker.Topology;
using static Broker.Tests.Unit.Fleet.Snapshots;

namespace Broker.Tests.Unit.Fleet;

public sealed class When_status_is_shown
{
    private readonly ManualClock _clock = new();

    [Fact]
    public void Eighty_columns_hold_what_is_needed_first()
    {
        var lines = Lines(80);
        Assert.All(lines, line => Assert.True(line.Length <= 80, $"{line.Length}: {line}"));
        Assert.Matches(@"^\d\d:\d\d:\d\d  2 consumers, 3 running, 1234567 ready, 17 delayed, 12345 dead$", lines[0]);
        Assert.Contains("KIND            READY  RUN  SLOTS  RATE/S  LEFT  OLDEST   DEAD  FAILED  PROC", lines);
        Assert.Contains("count-primes  1234567    3      8       2  2.4d     42m  12345       0     2", lines);
        Assert.Contains("HOST              PID  RUN  SLOTS  RATE/S  FAILED  UP  OLDEST  KIND", lines);
        Assert.Contains("0123456789ab  1234567    2      4       1       0  3m     42m  count-primes", lines);
        Assert.DoesNotContain(lines, line => line.Contains("VERSION", StringComparison.Ordinal));
    }

    [Fact]
    public void A_hundred_and_twenty_columns_name_the_oldest_job()
    {
        var lines = Lines(120);
        Assert.All(lines, line => Assert.True(line.Length <= 120, $"{line.Length}: {line}"));
        Assert.Contains(lines, line => line.EndsWith("DEAD  FAILED  PROC  DONE", StringComparison.Ordinal));
        Assert.Contains($"0123456789ab  1234567    2      4       1       0  3m     42m  count-primes  {JobId(1)}", lines);
    }

    [Fact]
    public void A_pipe_gets_everything()
    {
        var lines = Lines(int.MaxValue);
        Assert.Contains($"0123456789ab  1234567  consumer-1    2      4       1       0  3m     42m  count-primes  {JobId(1)}  3-4,9    15  0.1.0", lines);
    }

    [Fact]
    public void What_is_stuck_stands_first_and_what_to_do_where_there_is_room()
    {
        var fleet = FleetSnapshot.Of([], _clock).With(["sleep"]).With(new Dictionary<string, KindQueues> { ["sleep"] = new(new QueueDepth(3, 0), null) });
        Assert.Equal("! sleep: 3 jobs wait and no consumer serves it (start one, or producer purge sleep)", Lines(fleet, 100)[1]);
        Assert.Equal("! sleep: 3 jobs wait and no consumer serves it", Lines(fleet, 80)[1]);
        Assert.Equal("! sleep: 3 jobs wait and …", Lines(fleet, 26)[1]);
        Assert.Equal("no consumer answers", Lines(fleet, 80)[^1]);
        Assert.Equal("<! away>", new StatusPage(80, line => $"<{line}>").Lines(fleet, "away").ElementAt(1));
    }

    [Fact]
    public void Many_problems_leave_the_tables_in_sight()
    {
        var kinds = Enumerable.Range(0, 9).Select(number => $"k{number}").ToList();
        var fleet = FleetSnapshot.Of([], _clock).With(kinds).With(kinds.ToDictionary(kind => kind, _ => new KindQueues(new QueueDepth(1, 0), null)));
        var lines = Lines(fleet, 80);
        Assert.Equal("! k4: 1 job waits and no consumer serves it (start one, or producer purge k4)", lines[5]);
        Assert.Equal(["! and 4 more (producer status --output json)", ""], lines[6..8]);
        Assert.Equal(9, JsonDocument.Parse(StatusDocument.Of(fleet)).RootElement.GetProperty("problems").GetArrayLength());
    }

    [Fact]
    public void The_document_has_the_same_under_names_that_stay()
    {
        var document = JsonDocument.Parse(StatusDocument.Of(Fleet())).RootElement;
        Assert.Equal(["at", "delayed", "problems", "kinds", "processes"], Names(document));
        var kind = document.GetProperty("kinds")[0];
        Assert.Equal(["kind", "ready", "unacknowledged", "concurrency", "processes", "oldestSeconds", "done", "failed", "arrivedPerSecond", "perSecond", "failedPerSecond", "secondsLeft", "dead"], Names(kind));
        Assert.Equal((1_234_567, 3, 8, 2520.0, 2.0), (kind.GetProperty("ready").GetInt64(), kind.GetProperty("unacknowledged").GetInt64(), kind.GetProperty("concurrency").GetInt64(), kind.GetProperty("oldestSeconds").GetDouble(), kind.GetProperty("perSecond").GetDouble()));
        var process = document.GetProperty("processes")[0];
        Assert.Equal(["host", "pid", "name", "version", "upSeconds", "concurrency", "unacknowledged", "done", "failed", "perSecond", "jobs"], Names(process));
        var job = process.GetProperty("jobs")[0];
        Assert.Equal(["kind", "job", "batch", "indices", "receivedAt", "seconds", "progress"], Names(job));
        Assert.Equal(("3-4,9", JobId(1)), (job.GetProperty("indices").GetString(), job.GetProperty("job").GetGuid()));
        Assert.Equal("dead letters: count-primes 12345", document.GetProperty("problems")[0].GetString());
    }

    [Fact]
    public void How_far_the_oldest_job_is_stands_behind_its_kind()
    {
        var fleet = Reporting(new ItemProgress(4, 0.429, "page 3\e[2J of 7"));
        Assert.Contains(Lines(fleet, 120), line => line.EndsWith("OLDEST  KIND    PROGRESS", StringComparison.Ordinal));
        Assert.Contains(Lines(fleet, 80), line => line.EndsWith("42m  resize  42 %  page 3\\u001b[2J of 7", StringComparison.Ordinal));
        Assert.Contains(Lines(Reporting(new ItemProgress(4, null, new string('x', 60))), 120), line => line.EndsWith($"42m  resize  {new string('x', 39)}…", StringComparison.Ordinal));
        var progress = JsonDocument.Parse(StatusDocument.Of(fleet)).RootElement.GetProperty("processes")[0].GetProperty("jobs")[0].GetProperty("progress");
        Assert.Equal((4, 0.429, "page 3\e[2J of 7"), (progress.GetProperty("index").GetInt64(), progress.GetProperty("fraction").GetDouble(), progress.GetProperty("text").GetString()));
    }

    private FleetSnapshot Reporting(ItemProgress progress)
    {
        var served = Holding("resize", _clock, TimeSpan.FromMinutes(42));
        return FleetSnapshot.Of([Behind(_clock, 4711, served with { Jobs = [served.Jobs![0] with { Progress = progress }] })], _clock);
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);

    private static List<string> Lines(FleetSnapshot fleet, int width) => [.. new StatusPage(width, static line => line).Lines(fleet)];

    private List<string> Lines(int width) => Lines(Fleet(), width);

    private FleetSnapshot Fleet()
    {
        var (second, old) = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(42));
        var before = Look();
        _clock.Advance(TimeSpan.FromSeconds(10));
        return Look(10, 30).Since(before);

        FleetSnapshot Look(long completed = 0, long taken = 0) => FleetSnapshot.Of(
            [
                Behind(_clock, 1_234_567, Holding("count-primes", _clock, second, old) with { Completed = 5 + completed, Taken = taken }),
                Behind(_clock, 1_234_568, Holding("count-primes", _clock, second) with { Completed = 5 + completed, Taken = taken }),
            ],
            _clock).With(new Dictionary<string, KindQueues> { ["count-primes"] = new(new QueueDepth(1_234_567, 2), new QueueDepth(12_345, 0)) }) with { Delayed = 17 };
    }
}
