using System.Collections.Concurrent;
using Broker.Contracts;
using Broker.Hosting.Running;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Health;

/// <summary>
/// Finds out that a caller was killed, or that its machine is gone: nobody consumes its results queue for a minute. No event tells, so the queues of callers whose
/// jobs come here are looked at from time to time. Its jobs end without an outcome: a caller that was only cut off finds them neither queued nor running when it
/// is back, and sends them again.
/// </summary>
/// <param name="lookAsync">Looks at a caller's results queue; null where it is gone.</param>
internal sealed class CallerWatch(Func<string, CancellationToken, Task<QueueDepth?>> lookAsync, RunningJobs running, TimeProvider clock, ILogger log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Longer than a connection takes to be missed and made again.</summary>
    public static readonly TimeSpan Gone = TimeSpan.FromMinutes(1);

    /// <summary>Looks at one time: with a thousand callers each is looked at more rarely.</summary>
    private const int MaxLooks = 50;

    private readonly ConcurrentDictionary<string, Caller> _callers = new();

    /// <summary>A job of this caller came.</summary>
    /// <returns>Whether the caller is gone.</returns>
    public bool IsGone(string? replyTo)
    {
        if (replyTo is null)
            return false;
        var caller = _callers.GetOrAdd(replyTo, static _ => new Caller());
        caller.IsNew = true;
        return caller.IsGone;
    }

    /// <summary>Looks every ten seconds, until <paramref name="stop"/>.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, clock, stop);
                await LookAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process stops.
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        var held = running.Callers();
        foreach (var (replyTo, caller) in _callers.OrderBy(one => one.Value.LookedAt).Take(MaxLooks))
        {
            if (!caller.IsNew && !held.Contains(replyTo))
            {
                _callers.TryRemove(replyTo, out _);
                continue;
            }

            caller.IsNew = false;
            caller.LookedAt = clock.GetTimestamp();
            try
            {
                Looked(replyTo, caller, await lookAsync(replyTo, stop));
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                // Without a broker nobody consumes; the minute begins when it is back.
                log.LogDebug(e, "could not look for the caller of jobs that are held here");
                caller.Present();
            }
        }
    }

    private void Looked(string replyTo, Caller caller, QueueDepth? queue)
    {
        if (queue is { Consumers: > 0 })
        {
            caller.Present();
            return;
        }

        caller.AbsentSince ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(caller.AbsentSince.Value) < Gone)
            return;
        caller.IsGone = true;
        if (running.Cancel(job => job.ReplyTo == replyTo, CancellationCause.Cancelled) is > 0 and var jobs)
            log.LogInformation(EventActions.JobCancelled, "{Jobs} jobs that are held here were cancelled: their caller has been gone for a minute", jobs);
    }

    private sealed class Caller
    {
        /// <summary>Whether a job of it came since the last look.</summary>
        public volatile bool IsNew;

        public volatile bool IsGone;

        public long LookedAt { get; set; }

        public long? AbsentSince { get; set; }

        public void Present()
        {
            AbsentSince = null;
            IsGone = false;
        }
    }
}
