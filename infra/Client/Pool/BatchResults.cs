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

    /// <summary>For the reader, whose turns pass them.</summary>
    private readonly SkippedRuns _skipped = new();

    /// <summary>For <see cref="_answered"/>, which takes them in when all before them is answered: among what is in flight they would be a run each.</summary>
    private readonly SkippedRuns _unmerged = new();
    private long _received;
    private long _limit = long.MaxValue;
    private long _total = long.MaxValue;
    private Exception? _error;

    /// <summary>How many items have their outcome.</summary>
    public long Answered
    {
        get
        {
            lock (_lock)
                return _received;
        }
    }

    /// <summary>Gives the items of neighbours that are just answered; null where nobody wants them.</summary>
    public Func<long, int, ReadOnlyMemory<byte>[]>? ItemsOf { get; set; }

    /// <summary>Is given each chunk by the reader, before its turn where they are read by index.</summary>
    public Action<CompletedChunk>? Completed { get; set; }

    /// <summary>Is called by the reader when there is no further chunk yet.</summary>
    public Action? Waiting { get; set; }

    /// <summary>Tells the caller what it wants to steer by.</summary>
    public void Follow(BatchSteering? steering, Func<long, int, ReadOnlyMemory<byte>[]> itemsOf)
    {
        ItemsOf = steering is { KeepsItems: true } ? itemsOf : null;
        Completed = steering?.Completed is { } completed ? chunk => completed(chunk.Split()) : null;
        Waiting = steering?.Waiting;
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

    /// <summary>Whether the item has its outcome, or there is no such item.</summary>
    public bool IsClosed(long index)
    {
        lock (_lock)
            return index < 0 || index >= _limit || _answered.Contains(index);
    }

    /// <summary>Drops messages about items from index <paramref name="limit"/> on, until it is raised: there are no such items yet.</summary>
    public void LimitTo(long limit)
    {
        lock (_lock)
            _limit = limit;
    }

    /// <summary>
    /// The batch has <paramref name="total"/> outcomes, those of skipped items not counted: after the last of them it ends for its reader, with <paramref name="error"/>
    /// where there is one.
    /// </summary>
    public void Expect(long total, Exception? error = null)
    {
        lock (_lock)
        {
            (_total, _error) = (total, error);
            _limit = Math.Min(_limit, total + _skipped.Count);
            CompleteIfAll();
        }
    }

    /// <summary>The item of this index, which lies behind all that were sent or skipped before, has no outcome.</summary>
    public void Skip(long index)
    {
        lock (_lock)
        {
            _skipped.Add(index);
            _unmerged.Add(index);
        }
    }

    /// <summary>Ends the batch for its reader behind what has arrived, whatever is unanswered.</summary>
    public void End() => _completed.Writer.TryComplete();

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
                {
                    _received += items;
                    fresh.Add(WithItems(parts.Cut(index, offset + (int)(index - first), items)));
                }

                offset += count;
            }

            Merge();
            foreach (var chunk in fresh)
                _completed.Writer.TryWrite(chunk);
            CompleteIfAll();
            return fresh;
        }
    }

    /// <summary>
    /// The outcomes in chunks of neighbours, by index or as they come; ends with the last item's, or at <see cref="End"/> with those whose turn had not come.
    /// One reader at a time.
    /// </summary>
    public async IAsyncEnumerable<CompletedChunk> ReadAsync(bool ordered, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var early = new Dictionary<long, CompletedChunk>();
        long next = 0;
        while (await _completed.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_completed.Reader.TryRead(out var chunk))
            {
                Completed?.Invoke(chunk);
                if (!ordered)
                {
                    // Nobody asks what was skipped.
                    Behind(long.MaxValue);
                    yield return chunk;
                    continue;
                }

                early.Add(chunk.FirstIndex, chunk);
                while (early.Remove(next = Behind(next), out var due))
                {
                    next += due.Count;
                    yield return due;
                }
            }

            Waiting?.Invoke();
        }

        foreach (var chunk in early.Values.OrderBy(chunk => chunk.FirstIndex))
            yield return chunk;
    }

    private CompletedChunk WithItems(CompletedChunk chunk) => ItemsOf is null ? chunk : chunk with { Items = ItemsOf(chunk.FirstIndex, chunk.Count) };

    private long Behind(long index)
    {
        lock (_lock)
            return _skipped.Behind(index);
    }

    private void CompleteIfAll()
    {
        if (_received >= _total)
            _completed.Writer.TryComplete(_error);
    }

    private void Merge()
    {
        while (_unmerged.Behind(_answered.Prefix) is var end && end > _answered.Prefix)
        {
            while (end > _answered.Prefix)
                _answered.Add(_answered.Prefix, (int)Math.Min(int.MaxValue, end - _answered.Prefix));
        }
    }
}
