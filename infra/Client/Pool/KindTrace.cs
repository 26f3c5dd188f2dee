using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Topology;

namespace Broker.Pool;

/// <summary>Where the jobs of a kind were at one moment: on its queue, or with its consumers.</summary>
internal sealed class KindTrace
{
    private readonly IReadOnlyList<(ProcessIdentity Process, ServedKind Kind)> _served;
    private readonly long _suspects;

    /// <param name="kind">The kind.</param>
    /// <param name="queue">Its queue; null where there is none.</param>
    /// <param name="suspects">How many of its jobs wait to be run alone, of whatever batch.</param>
    /// <param name="fleet">What consumers answered when the queues had been looked at.</param>
    public KindTrace(string kind, QueueDepth? queue, long suspects, FleetSnapshot fleet)
    {
        _suspects = suspects;
        _served = [.. fleet.Processes.SelectMany(process => process.Served.Where(served => served.Kind == kind).Select(served => (process.Identity, served)))];
        // The queue counts one that is stopping for as long as it runs a job.
        (Ready, IsWhole) = (queue?.Ready ?? 0, _served.Count >= (queue?.Consumers ?? 0));
    }

    /// <summary>How many jobs were on the queue.</summary>
    public long Ready { get; }

    /// <summary>Whether all who consume the queue have answered.</summary>
    public bool IsWhole { get; }

    /// <summary>
    /// Those of a batch's jobs of which no consumer runs an item, under whatever job id; one of a version that does not name its jobs may run any, and any may be among
    /// the suspects.
    /// </summary>
    public IReadOnlyList<RunJob> NotHeld(Guid batch, IReadOnlyList<PendingJob> jobs)
    {
        if (_suspects > 0 || _served.Any(one => one.Kind is { Running: > 0, Jobs: null }))
            return [];
        var held = _served.SelectMany(one => one.Kind.Jobs ?? []).Where(job => job.BatchId == batch).SelectMany(job => job.Indices.Runs(job.Count)).ToList();
        return [.. jobs.Where(job => !held.Exists(run => run.First < job.First + job.Count && job.First < run.First + run.Count)).Select(job => job.Message)];
    }

    /// <summary>Whether a consumer that was there at <paramref name="earlier"/> is gone.</summary>
    public bool Misses(KindTrace earlier) => earlier._served.Select(one => one.Process).Except(_served.Select(one => one.Process)).Any();

    /// <summary>
    /// Whether every job that was on the queue at <paramref name="earlier"/> has been taken since, and those that consumers may have been returning just then:
    /// the first to come is the first to be taken, so their number tells.
    /// </summary>
    public bool IsPast(KindTrace earlier)
    {
        var before = earlier._served.ToLookup(one => one.Process, one => one.Kind.Taken);
        var taken = _served.GroupBy(one => one.Process, one => one.Kind.Taken).Sum(process => Math.Max(0, process.Sum() - before[process.Key].Sum()));
        return taken >= earlier.Ready + earlier._served.Sum(one => one.Kind.Concurrency);
    }
}
