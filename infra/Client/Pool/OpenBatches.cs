using System.Collections.Concurrent;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>The batches that wait for outcomes, and the way to them for each message that arrives.</summary>
internal sealed class OpenBatches(BatchLog log)
{
    private readonly ConcurrentDictionary<Guid, Batch> _batches = new();

    public void Add(Batch batch) => _batches[batch.Id] = batch;

    public void Remove(Batch batch) => _batches.TryRemove(batch.Id, out _);

    /// <summary>Those that wait now.</summary>
    public IEnumerable<Batch> All => _batches.Values;

    public void Accept(JobCompleted completed)
    {
        log.Answered(completed);
        // An answer to a batch that has ended is nobody's.
        if (_batches.TryGetValue(completed.BatchId, out var batch))
            batch.Accept(completed);
    }

    public void Accept(JobDelayed delayed)
    {
        if (_batches.TryGetValue(delayed.BatchId, out var batch))
            batch.Accept(delayed);
    }

    public void Accept(ProgressReport report)
    {
        foreach (var job in report.Jobs)
        {
            if (_batches.TryGetValue(job.BatchId, out var batch))
                batch.Accept(job);
        }
    }
}
