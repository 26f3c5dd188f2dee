using Broker.Connection;
using Broker.Contracts.Messages;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Running;

/// <summary>
/// Tells callers how far their jobs are: one message per interval and caller with the newest of each job, and nothing of a job that has ended or is as young as that. Handlers
/// may report as often as they like.
/// </summary>
/// <param name="tellAsync">Sends to a caller.</param>
internal sealed class ProgressReports(Func<string, ProgressReport, Task> tellAsync, TimeProvider clock, ILogger log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    /// <summary>So many callers are told in one interval at most; the others in the next.</summary>
    public const int MaxMessages = 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<RunningJob, long> _fresh = [];
    private bool _telling;

    /// <summary>There is a newer report of this job.</summary>
    public void Add(RunningJob job)
    {
        lock (_lock)
        {
            // The time of the first stays: it is by that that a job is old enough.
            if (!_fresh.TryAdd(job, clock.GetTimestamp()) || _telling)
                return;
            _telling = true;
        }

        // It goes on for other jobs than the one that began it.
        _ = CallerContext.RunOutsideAsync(TellAllAsync);
    }

    private async Task TellAllAsync()
    {
        while (true)
        {
            await Task.Delay(Interval, clock);
            if (Due() is not { } due)
                return;
            foreach (var jobs in due)
                await TryTellAsync(jobs.Key, new ProgressReport { Jobs = [.. jobs.Select(job => new ReportedJob(job.JobId, job.BatchId, job.Progress!))] });
        }
    }

    /// <summary>What is told now, by caller; null where nothing is new, and the telling ends.</summary>
    private List<IGrouping<string, RunningJob>>? Due()
    {
        lock (_lock)
        {
            foreach (var ended in _fresh.Keys.Where(job => job.HasEnded).ToList())
                _fresh.Remove(ended);
            if (_fresh.Count == 0)
            {
                _telling = false;
                return null;
            }

            var due = _fresh.Where(job => clock.GetElapsedTime(job.Value) >= Interval).Select(job => job.Key).GroupBy(job => job.ReplyTo!).Take(MaxMessages).ToList();
            foreach (var job in due.SelectMany(jobs => jobs))
                _fresh.Remove(job);
            return due;
        }
    }

    private async Task TryTellAsync(string replyTo, ProgressReport report)
    {
        try
        {
            await tellAsync(replyTo, report);
        }
        catch (Exception e)
        {
            // The broker is away, say: the next report has all of this one and more.
            log.LogDebug("progress was not told: {Reason}", e.Message);
        }
    }
}
