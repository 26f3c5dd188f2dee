using System.Runtime.CompilerServices;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>
/// One collection of a detached batch. It reads the stream twice, where something failed or is missing up to where it ends now: an item that failed and was redriven has
/// two outcomes, the later of which counts, and that is to be known before the first is given. Keeps what came too early for its turn, and runs of indices.
/// </summary>
internal sealed class Collection(Func<CallEnd, Task<ReadBatch>> openAsync, OpenCalls calls, Guid batchId, CollectOptions options, CancellationToken closed)
{
    private readonly IndexSet _succeeded = new();
    private readonly Dictionary<long, int> _failures = [];
    private readonly IndexSet _known = new();
    private long? _start;

    public Guid BatchId => batchId;

    /// <summary>What the batch runs; null before the first outcome is read.</summary>
    public string? Kind { get; private set; }

    /// <summary>How many items the batch has; null as long as its submission has not ended.</summary>
    public long? Items { get; private set; }

    /// <summary>How many of them have an outcome that was read.</summary>
    public long Known => _known.Count;

    /// <summary>The index behind the last that was given in order.</summary>
    public long Next { get; private set; } = options.From;

    /// <summary>The outcomes that are wanted.</summary>
    /// <exception cref="BatchUnknownException">Nothing is known of the batch.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    public async IAsyncEnumerable<ItemOutcome> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = calls.Enter();
        using var end = new CallEnd(options.Deadline, PoolCalls.BrokerTimeout, closed, cancellationToken);
        await using var outcomes = ReadAsync(end).GetAsyncEnumerator(CancellationToken.None);
        // Once, not for each item.
        var known = () => Known;
        while (await end.NextAsync(outcomes, known))
            yield return outcomes.Current;
    }

    private async IAsyncEnumerable<ItemOutcome> ReadAsync(CallEnd end)
    {
        var read = await openAsync(end);
        if (!await SurveyAsync(read, BatchStart.ByClock, end.Token))
            await SurveyAsync(read, BatchStart.ByAnyClock, end.Token);
        if (_start is not { } start)
            throw new BatchUnknownException($"nothing is known of batch {batchId}: it was not detached (producer map --detach) on this broker, or more than a day ago");
        var early = new Dictionary<long, ItemOutcome>();
        await foreach (var record in read(BatchStart.At(start), end.Token))
        {
            if (record.IsEnd && !options.Wait)
                break;
            Items ??= record.Detached?.Items;
            foreach (var outcome in record.Completed is { } message ? Fresh(message) : [])
            {
                if (!options.Ordered)
                {
                    yield return outcome;
                    continue;
                }

                early.Add(outcome.Index, outcome);
                while (early.Remove(Next, out var due))
                {
                    Next++;
                    yield return due;
                }
            }

            if (_known.Count >= Items)
                break;
        }
    }

    /// <returns>Whether nothing of the batch can be before what was read.</returns>
    private async Task<bool> SurveyAsync(ReadBatch read, BatchStart from, CancellationToken cancellationToken)
    {
        _start = null;
        _failures.Clear();
        var isWhole = false;
        await foreach (var record in read(from, cancellationToken))
        {
            if (record.IsEnd)
                return isWhole;
            // What its submitter says first stands before all outcomes.
            isWhole |= _start is null && record.Detached is { Items: null };
            _start ??= record.Offset;
            Kind ??= record.Detached?.Kind ?? record.Completed?.Kind;
            Items ??= record.Detached?.Items;
            if (record.Completed is { } message && IsUsable(message))
                Survey(message);
            // Only what failed can have a later outcome.
            if (_succeeded.Count >= Items)
                return true;
        }

        return isWhole;
    }

    private void Survey(JobCompleted message)
    {
        if (message.Failures is not { Count: > 0 } failures)
        {
            foreach (var (first, count) in message.Indices.Runs(message.Count))
                _succeeded.Add(first, count);
            return;
        }

        var failed = failures.Select(failure => failure.Offset).ToHashSet();
        for (var offset = 0; offset < message.Count; offset++)
        {
            var index = message.Indices[offset];
            if (failed.Contains(offset))
                _failures[index] = _failures.GetValueOrDefault(index) + 1;
            else
                _succeeded.Add(index, 1);
        }
    }

    /// <summary>The message's outcomes that are the last word on their items, and wanted.</summary>
    private IEnumerable<ItemOutcome> Fresh(JobCompleted message)
    {
        if (!IsUsable(message))
            yield break;
        var parts = new CompletedMessage(message);
        var offset = 0;
        foreach (var (first, count) in message.Indices.Runs(message.Count))
        {
            foreach (var outcome in parts.Cut(first, offset, count).Split())
            {
                if (!(outcome.Failure is not null && IsSuperseded(outcome.Index)) && _known.Add(outcome.Index, 1).Count > 0 && outcome.Index >= options.From)
                    yield return outcome;
            }

            offset += count;
        }
    }

    private bool IsUsable(JobCompleted message) => new CompletedMessage(message).Fault(Items ?? long.MaxValue) is null;

    private bool IsSuperseded(long index)
    {
        if (_succeeded.Contains(index))
            return true;
        if (!_failures.TryGetValue(index, out var left))
            return false;
        _failures[index] = left - 1;
        return left > 1;
    }
}
