using Broker.Contracts.Messages;

namespace Broker.Fleet;

/// <summary>A kind at one moment.</summary>
internal sealed record KindSnapshot(string Kind)
{
    /// <summary>As each process serves it; empty where none does.</summary>
    public IReadOnlyList<ServedKind> Served { get; init; } = [];

    /// <summary>Jobs ready on its queue; null where there is no queue, or it was not looked at.</summary>
    public long? Waiting { get; init; }

    /// <summary>Its dead letters; null likewise.</summary>
    public long? Dead { get; init; }

    /// <summary>Items per second since an earlier snapshot; null without one.</summary>
    public double? PerSecond { get; init; }

    /// <summary>Jobs being run.</summary>
    public int Running => Served.Sum(kind => kind.Running);

    /// <summary>How many jobs the processes run at once at most.</summary>
    public int Slots => Served.Sum(kind => kind.Concurrency);

    /// <summary>Items finished by these processes since they started, the failed ones among them.</summary>
    public long Done => Served.Sum(kind => kind.Completed);

    public long Failed => Served.Sum(kind => kind.Failed);
}
