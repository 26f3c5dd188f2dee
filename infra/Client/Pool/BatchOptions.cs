namespace Broker.Pool;

/// <summary>How the items of one call are run. The defaults fit most calls.</summary>
public sealed record BatchOptions
{
    /// <summary>Items a message; null learns it from the first outcomes, aiming at 50 ms of work a message.</summary>
    public int? Chunk { get; init; }

    /// <summary>Jobs sent and not yet answered at most; null keeps about two seconds of the fleet's work in flight.</summary>
    public int? InFlight { get; init; }

    /// <summary>How long one item may run before it fails as timed out; null for no limit.</summary>
    public TimeSpan? ItemTimeout { get; init; }

    /// <summary>How long the whole call may take before it ends with <see cref="TimeoutException"/>; jobs not started by then are not run. Null for no limit.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How many items there will be, where that is known: then a short batch is spread over all consumers.</summary>
    public long? ExpectedItems { get; init; }

    internal void Validate()
    {
        if (Chunk is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(Chunk), Chunk, "a chunk holds 1 to 100000 items");
        if (InFlight is < 1 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(InFlight), InFlight, "1 to 1000000 jobs can be in flight");
        if (ItemTimeout is { } timeout && timeout <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(ItemTimeout), ItemTimeout, "an item's time limit is longer than nothing");
        if (Deadline is { } deadline && deadline <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(Deadline), Deadline, "a deadline lies in the future");
    }
}
