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
