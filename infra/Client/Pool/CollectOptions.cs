namespace Broker.Pool;

/// <summary>How the outcomes of a detached batch are collected. The defaults wait for all, in order.</summary>
public sealed record CollectOptions
{
    /// <summary>Whether to wait for outcomes that are not there yet; if not, the collection ends with the first that is missing, or, unordered, with the last that is there.</summary>
    public bool Wait { get; init; } = true;

    /// <summary>Whether outcomes come in the order of the items, or as they came.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>The index of the first item that is wanted: an earlier collection had those before.</summary>
    public long From { get; init; }

    /// <summary>How long to wait at most, then <see cref="TimeoutException"/>; null for no limit. At most 49 days.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range; names it.</exception>
    internal CollectOptions Validated()
    {
        if (From < 0)
            throw new ArgumentOutOfRangeException(nameof(From), From, "indices count from 0");
        if (Deadline is { } deadline && deadline != Timeout.InfiniteTimeSpan && !BatchOptions.IsLimit(deadline))
            throw new ArgumentOutOfRangeException(nameof(Deadline), Deadline, BatchOptions.LimitRule);
        return Deadline == Timeout.InfiniteTimeSpan ? this with { Deadline = null } : this;
    }
}
