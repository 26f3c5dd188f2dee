using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>Outcomes of neighbouring items, not yet taken apart.</summary>
/// <param name="FirstIndex">The index in the batch of the first.</param>
/// <param name="Count">How many.</param>
/// <param name="Values">A JSON array of results, <c>null</c> where the item failed.</param>
/// <param name="Failures">The failures, by offset; null when there are none.</param>
/// <param name="Run">Who ran them.</param>
internal sealed record CompletedChunk(long FirstIndex, int Count, ReadOnlyMemory<byte> Values, IReadOnlyList<ItemFailure>? Failures, JobRun Run)
{
    /// <summary>The items as they were sent; null where nobody wants them.</summary>
    public ReadOnlyMemory<byte>[]? Items { get; init; }

    /// <summary>Roughly what it holds in memory.</summary>
    public long Bytes => Values.Length + ((Failures?.Count ?? 0) * 512L) + 128 + (Items?.Sum(static item => item.Length + 16L) ?? 0);

    public ItemOutcome[] Split()
    {
        var outcomes = new ItemOutcome[Count];
        var places = new (int Start, int End)[Count];
        JsonElements.Locate(Values.Span, places);
        for (var i = 0; i < Count; i++)
            outcomes[i] = new ItemOutcome(FirstIndex + i, Values[places[i].Start..places[i].End], null, Run) { Item = Items is null ? default : Items[i] };
        foreach (var failure in Failures ?? [])
            outcomes[failure.Offset] = outcomes[failure.Offset] with { Failure = failure };
        return outcomes;
    }
}
