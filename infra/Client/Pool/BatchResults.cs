using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Broker.Contracts.Messages;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>
/// The outcomes of one batch, from whatever source its messages come and under whatever job ids: each index is let through once. Knows
/// nothing of how the items are sent.
/// </summary>
internal sealed class BatchResults(ILogger log)
{
    private readonly Lock _lock = new();
    private readonly IndexSet _answered = new();
    private readonly Channel<CompletedChunk> _completed = Channel.CreateUnbounded<CompletedChunk>(new UnboundedChannelOptions { SingleReader = true });
    private long _limit = long.MaxValue;
    private long _total = long.MaxValue;
    private Exception? _error;

    /// <summary>How many items have their outcome.</summary>
    public long Answered
    {
        get
        {
            lock (_lock)
                return _answered.Count;
        }
    }

    /// <summary>How many runs the answered indices are kept as.</summary>
    public int Runs
    {
        get
        {
            lock (_lock)
                return _answered.Runs;
        }
    }

    /// <summary>Drops messages about items from index <paramref name="limit"/> on, until it is raised: there are no such items yet.</summary>
    public void LimitTo(long limit)
    {
        lock (_lock)
            _limit = limit;
    }

    /// <summary>The batch has <paramref name="total"/> items: after the last of their outcomes it ends for its reader, with <paramref name="error"/> where there is one.</summary>
    public void Expect(long total, Exception? error = null)
    {
        lock (_lock)
        {
            _limit = _total = total;
            _error = error;
            if (_answered.Count >= total)
                _completed.Writer.TryComplete(error);
        }
    }

    /// <summary>Ends the batch for its reader, whatever is unanswered, with <paramref name="error"/>.</summary>
    public void Fail(Exception error) => _completed.Writer.TryComplete(error);

    /// <summary>
    /// Takes a message, from any thread; returns what of it was not answered before. A message that is malformed, or that names an item
    /// that does not exist, is dropped whole.
    /// </summary>
    public IReadOnlyList<CompletedChunk> Accept(JobCompleted message)
    {
        var parts = new CompletedMessage(message);
        lock (_lock)
        {
            if (parts.Fault(_limit) is { } fault)
            {
                log.LogDebug("an answer of job {JobId} to batch {BatchId} was dropped: {Fault}", message.JobId, message.BatchId, fault);
                return [];
            }

            var fresh = new List<CompletedChunk>(1);
            var offset = 0;
            foreach (var (first, count) in message.Indices.Runs(message.Count))
            {
                foreach (var (index, items) in _answered.Add(first, count))
                    fresh.Add(parts.Cut(index, offset + (int)(index - first), items));
                offset += count;
            }

            foreach (var chunk in fresh)
                _completed.Writer.TryWrite(chunk);
            if (_answered.Count >= _total)
                _completed.Writer.TryComplete(_error);
            return fresh;
        }
    }

    /// <summary>The outcomes in chunks of neighbours, by index or as they come; ends with the last item's. One reader at a time.</summary>
    public async IAsyncEnumerable<CompletedChunk> ReadAsync(bool ordered, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var early = new Dictionary<long, CompletedChunk>();
        long next = 0;
        while (await _completed.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_completed.Reader.TryRead(out var chunk))
            {
                if (!ordered)
                {
                    yield return chunk;
                    continue;
                }

                early.Add(chunk.FirstIndex, chunk);
                while (early.Remove(next, out var due))
                {
                    next += due.Count;
                    yield return due;
                }
            }
        }
    }
}
