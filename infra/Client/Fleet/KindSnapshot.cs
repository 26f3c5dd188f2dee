using Broker.Contracts.Messages;

namespace Broker.Fleet;

/// <summary>A kind at one moment.</summary>
internal sealed record KindSnapshot(string Kind)
{
    /// <summary>As each process serves it; empty where none does.</summary>
    public IReadOnlyList<ServedKind> Served { get; init; } = [];

    /// <summary>Jobs ready on its queue; null where there is no queue, or it was not looked at.</summary>
    public long? Waiting { get; init; }

    /// <summary>Consumer processes subscribed to its queue, those that do not answer among them; null likewise.</summary>
    public long? Consumers { get; init; }

    /// <summary>Jobs that are with a consumer as the broker counts them, with those of consumers that do not answer; null where it was not asked.</summary>
    public long? Unacknowledged { get; init; }

    /// <summary>Jobs per second that come in; null likewise.</summary>
    public double? ArrivedPerSecond { get; init; }

    /// <summary>How long the oldest of its jobs is with a consumer; null where none is.</summary>
    public TimeSpan? Oldest { get; init; }

    /// <summary>Its dead letters; null likewise.</summary>
    public long? Dead { get; init; }

    /// <summary>Items per second since an earlier snapshot; null without one.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Failed items per second; null likewise.</summary>
    public double? FailedPerSecond { get; init; }

    /// <summary>Jobs per second that consumers took off the queue; null likewise.</summary>
    public double? TakenPerSecond { get; init; }

    /// <summary>When the queue is empty if jobs are taken as fast as now and none is added; null where none waits or none is taken.</summary>
    public TimeSpan? Remaining => Waiting > 0 && TakenPerSecond > 0 ? TimeSpan.FromSeconds(Math.Min(Waiting.Value / TakenPerSecond.Value, TimeSpan.MaxValue.TotalSeconds / 2)) : null;

    /// <summary>Jobs that consumers hold: they run, or wait there for their turn.</summary>
    public int Running => Served.Sum(kind => kind.Running);

    /// <summary>How many jobs the processes run at once at most.</summary>
    public int Slots => Served.Sum(kind => kind.Concurrency);

    /// <summary>Items finished by these processes since they started, the failed ones among them.</summary>
    public long Done => Served.Sum(kind => kind.Completed);

    public long Failed => Served.Sum(kind => kind.Failed);
}
