using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>Outcomes of neighbouring items, not yet taken apart.</summary>
/// <param name="FirstIndex">The batch position of the first.</param>
/// <param name="Count">How many.</param>
/// <param name="Values">A JSON array of results, <c>null</c> where the item failed.</param>
/// <param name="Failures">The failures, by offset; null when there are none.</param>
/// <param name="Run">Who ran them.</param>
internal sealed record CompletedChunk(long FirstIndex, int Count, ReadOnlyMemory<byte> Values, IReadOnlyList<ItemFailure>? Failures, JobRun Run)
{
    public long Bytes => Values.Length + ((Failures?.Count ?? 0) * 512L) + 128;

    public ItemOutcome[] Split()
    {
        var outcomes = new ItemOutcome[Count];
        var reader = new Utf8JsonReader(Values.Span);
        reader.Read();
        for (var i = 0; i < Count; i++)
        {
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            outcomes[i] = new ItemOutcome(FirstIndex + i, Values[start..(int)reader.BytesConsumed], null, Run);
        }

        foreach (var failure in Failures ?? [])
            outcomes[failure.Offset] = outcomes[failure.Offset] with { Failure = failure };
        return outcomes;
    }
}
