namespace Broker.Pool;

/// <summary>What a caller sees and decides of one batch while it runs, beyond the outcomes that it is given.</summary>
internal sealed class BatchSteering
{
    /// <summary>Whether the item of this index is left out: it keeps its index, is not sent, and has no outcome.</summary>
    public Func<long, ReadOnlyMemory<byte>, bool>? Skips { get; init; }

    /// <summary>
    /// Is given outcomes in the order in which they come, before their turn where the call is ordered. Called in the flow of the call: between two outcomes that it
    /// gives, or while it waits for the next.
    /// </summary>
    public Action<IReadOnlyList<ItemOutcome>>? Completed { get; init; }

    /// <summary>Called when there is no further outcome yet, in the flow of the call too.</summary>
    public Action? Waiting { get; init; }

    /// <summary>Whether outcomes bring their item along.</summary>
    public bool KeepsItems { get; init; }

    /// <summary>No more items are sent; the call ends with the last outcome of those that were.</summary>
    public CancellationToken StopSending { get; init; }

    /// <summary>Nothing more is waited for: the call gives the outcomes that are there, with gaps, and ends. What has none is cancelled.</summary>
    public CancellationToken StopWaiting { get; init; }

    /// <summary>How many items have been sent. Set by the batch.</summary>
    public long Sent { get; set; }

    /// <summary>Whether the items were read to their end. Set by the batch.</summary>
    public bool AllRead { get; set; }
}
