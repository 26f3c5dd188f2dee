namespace Broker.Primitives;

/// <summary>What kind of queue it is. All who put items into it say the same.</summary>
public sealed record BrokerQueueOptions
{
    /// <summary>
    /// How many items the queue holds, exactly, from 1 to 10000. Null is any number, as many as the broker's disk holds. A limit costs a put two more round trips to the broker, and a get one.
    /// </summary>
    public int? MaxSize { get; init; }

    /// <summary>
    /// Whether items are unfinished until they are completed or <see cref="BrokerQueue{T}.TaskDoneAsync"/> is called, so that one can wait for all by <see cref="BrokerQueue{T}.JoinAsync"/>. Costs as much as
    /// a limit, and 50000 items may be unfinished at a time.
    /// </summary>
    public bool Joinable { get; init; }

    internal const string Type = "queue";

    /// <summary>The largest <see cref="MaxSize"/>: what is counted is in the memory of all who use the queue.</summary>
    internal const int LargestMaxSize = 10_000;

    internal bool Counted => MaxSize is not null || Joinable;

    internal void Check()
    {
        if (MaxSize is < 1 or > LargestMaxSize)
            throw new ArgumentOutOfRangeException(nameof(MaxSize), MaxSize, $"a queue holds 1 to {LargestMaxSize} items, or with null any number");
    }
}
