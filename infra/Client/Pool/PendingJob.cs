using System.Collections;

namespace Broker.Pool;

/// <summary>A job that was sent and whose outcomes are not all there yet.</summary>
internal sealed class PendingJob(long firstIndex, int count, int bytes)
{
    private readonly Lock _lock = new();
    private BitArray? _seen;
    private int _answered;

    public int Bytes => bytes;

    /// <summary>
    /// Lets through the outcomes that were not seen before: a job that ran twice answers twice. Returns them, and whether the job now has
    /// all of its outcomes.
    /// </summary>
    public (IReadOnlyList<CompletedChunk> New, bool Complete) Accept(CompletedChunk chunk)
    {
        var offset = (int)(chunk.FirstIndex - firstIndex);
        if (offset < 0 || chunk.Count < 0 || offset + chunk.Count > count)
            return ([], false);
        lock (_lock)
        {
            if (_answered == count)
                return ([], false);
            if (offset == 0 && chunk.Count == count && _seen is null)
            {
                _answered = count;
                return ([chunk], true);
            }

            _seen ??= new BitArray(count);
            var fresh = new List<CompletedChunk>();
            foreach (var outcome in chunk.Split())
            {
                var at = (int)(outcome.Index - firstIndex);
                if (_seen[at])
                    continue;
                _seen[at] = true;
                _answered++;
                fresh.Add(Alone(outcome));
            }

            return (fresh, _answered == count);
        }
    }

    private static CompletedChunk Alone(ItemOutcome outcome)
    {
        byte[] values = [(byte)'[', .. outcome.Value.Span, (byte)']'];
        return new CompletedChunk(outcome.Index, 1, values, outcome.Failure is null ? null : [outcome.Failure with { Offset = 0 }], outcome.Run);
    }
}
