using System.Collections.Concurrent;
using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Running;

/// <summary>What was cancelled within the last day, by batch or by job. A job that is met later is known by it.</summary>
internal sealed class CancelledJobs(TimeProvider clock)
{
    /// <summary>As long as the stream keeps them.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _ids = new();
    private int _pruneAt = 1000;

    /// <summary>How many ids are known.</summary>
    public int Count => _ids.Count;

    /// <summary>Takes a cancellation, which may be one that is known, and ends those of the jobs held here that it concerns. One at a time.</summary>
    /// <returns>How many it ended.</returns>
    public int Learn(CancelJobs message, RunningJobs running)
    {
        // First, so that a job that comes in meanwhile is either among those held here or finds itself cancelled.
        foreach (var id in message.Ids)
            _ids.AddOrUpdate(id, message.CancelledAt, (_, known) => known > message.CancelledAt ? known : message.CancelledAt);
        if (_ids.Count >= _pruneAt)
            Prune();
        return running.Cancel(job => Contains(job.JobId, job.BatchId, job.RedrivenAt), CancellationCause.Cancelled);
    }

    public bool Contains(RunJob job) => Contains(job.JobId, job.BatchId, job.RedrivenAt);

    private bool Contains(Guid jobId, Guid batchId, DateTimeOffset? redrivenAt) =>
        !_ids.IsEmpty && (IsCancelled(batchId, redrivenAt) || IsCancelled(jobId, redrivenAt));

    private bool IsCancelled(Guid id, DateTimeOffset? redrivenAt) => _ids.TryGetValue(id, out var at) && !(redrivenAt >= at);

    private void Prune()
    {
        var oldest = clock.GetUtcNow() - Memory;
        foreach (var (id, _) in _ids.Where(one => one.Value < oldest))
            _ids.TryRemove(id, out _);
        _pruneAt = Math.Max(1000, 2 * _ids.Count);
    }
}
