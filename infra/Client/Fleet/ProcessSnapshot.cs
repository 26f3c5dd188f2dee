using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Fleet;

/// <summary>A consumer process at one moment.</summary>
/// <param name="Up">Since its start.</param>
/// <param name="Jobs">What it holds, the oldest first.</param>
internal sealed record ProcessSnapshot(ProcessIdentity Identity, string Version, TimeSpan Up, IReadOnlyList<ServedKind> Served, IReadOnlyList<JobSnapshot> Jobs)
{
    /// <summary>What its clock said; null from a version that does not tell.</summary>
    public DateTimeOffset? Clock { get; init; }

    /// <summary>Items per second since an earlier snapshot; null without one.</summary>
    public double? PerSecond { get; init; }

    /// <summary>The process that supervises it; null where none does.</summary>
    public int? SupervisorId { get; init; }

    public IEnumerable<string> Kinds => Served.Select(kind => kind.Kind).Order(StringComparer.Ordinal);

    public int Running => Served.Sum(kind => kind.Running);

    /// <summary>How many jobs it runs at once at most.</summary>
    public int Slots => Served.Sum(kind => kind.Concurrency);

    public long Done => Served.Sum(kind => kind.Completed);

    public long Failed => Served.Sum(kind => kind.Failed);

    /// <param name="pong">Its answer.</param>
    /// <param name="now">By our clock, used where it does not tell its own: ages are then wrong by the difference of the two.</param>
    public static ProcessSnapshot Of(Pong pong, DateTimeOffset now)
    {
        var clock = pong.Now ?? now;
        var jobs = pong.Kinds.SelectMany(kind => (kind.Jobs ?? []).Select(job => new JobSnapshot(kind.Kind, job, clock - job.ReceivedAt)));
        return new ProcessSnapshot(pong.Worker, pong.Version, clock - pong.StartedAt, pong.Kinds, [.. jobs.OrderByDescending(job => job.Age)]) { Clock = pong.Now, SupervisorId = pong.SupervisorId };
    }

    /// <summary>A kind as it serves it; null if it does not.</summary>
    public ServedKind? KindOf(string kind) => Served.FirstOrDefault(served => served.Kind == kind);
}

/// <summary>A job that a process holds.</summary>
/// <param name="Age">Since it was received.</param>
internal sealed record JobSnapshot(string Kind, HeldJob Held, TimeSpan Age);
