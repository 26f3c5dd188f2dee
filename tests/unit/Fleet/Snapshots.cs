using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Fleet;

/// <summary>Snapshots of made-up fleets.</summary>
internal static class Snapshots
{
    public static ServedKind Served(string kind, long completed = 0, int running = 0, long failed = 0) => new()
    {
        Kind = kind,
        Concurrency = 4,
        Running = running,
        Completed = completed,
        Failed = failed,
        ArgsSchema = new RawJson("{}"u8.ToArray()),
        Signature = $"{kind}()",
    };

    /// <summary>A kind with jobs that were received so long ago by the process's clock, which is an hour behind ours.</summary>
    public static ServedKind Holding(string kind, ManualClock clock, params TimeSpan[] ages) => Served(kind, completed: 5, running: ages.Length) with
    {
        Taken = 7,
        Jobs = [.. ages.Select((age, place) => new HeldJob { JobId = JobId(place), BatchId = JobId(99), Indices = ItemIndices.Of([3, 4, 9]), Count = 3, ReceivedAt = ClockBehind(clock) - age })],
    };

    public static Guid JobId(int place) => new($"00000000-0000-7000-8000-{place:000000000000}");

    /// <summary>A process whose clock is an hour behind ours.</summary>
    public static Pong Behind(ManualClock clock, int pid, params ServedKind[] served) => new()
    {
        PingId = Guid.Empty,
        Worker = new ProcessIdentity("0123456789ab", pid, "consumer-1"),
        Version = "0.1.0",
        StartedAt = ClockBehind(clock) - TimeSpan.FromMinutes(3),
        Now = ClockBehind(clock),
        Kinds = served,
    };

    private static DateTimeOffset ClockBehind(ManualClock clock) => clock.GetUtcNow() - TimeSpan.FromHours(1);

    public static FleetSnapshot Take(ManualClock clock, params (int Pid, ServedKind[] Served)[] processes) => FleetSnapshot.Of(
        [.. processes.Select(process => new Pong
        {
            PingId = Guid.Empty,
            Worker = new ProcessIdentity("0123456789ab", process.Pid, "consumer-1"),
            Version = "0.1.0",
            StartedAt = clock.GetUtcNow() - TimeSpan.FromHours(30),
            Kinds = process.Served,
        })],
        clock);
}
