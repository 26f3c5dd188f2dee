using System.Collections.Concurrent;
using Broker.Connection;
using Broker.Contracts.Messages;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>What was seen of the way that outcomes come.</summary>
internal enum InboxState
{
    /// <summary>It could not be seen, or is being repaired.</summary>
    Unknown,

    /// <summary>The results queue is there and we consume it.</summary>
    Listening,

    /// <summary>Outcomes have a new address since the last look: what went to the old one is lost.</summary>
    Moved,
}

/// <summary>
/// Looks for the reason when a call waits and nothing arrives, or when its oldest job is passed by the others: first whether we receive at all, then whether its
/// jobs are queued or running anywhere, however busy the kind is. Jobs of which two looks in a row find no trace are sent again. Costs one timer per pool.
/// </summary>
/// <param name="lookAtInbox">Looks at the way of outcomes, and repairs it.</param>
/// <param name="trace">Looks where the jobs of a kind are.</param>
/// <param name="log">Told what is sent again.</param>
/// <param name="clock">Measures the silence.</param>
/// <param name="closed">Ends the watch.</param>
internal sealed class SilenceWatch(
    Func<CancellationToken, Task<InboxState>> lookAtInbox, Func<string, CancellationToken, Task<KindTrace>> trace, ILogger log, TimeProvider clock, CancellationToken closed)
{
    /// <summary>How often silent calls are looked for, and the shortest time between two looks for one call.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, SilentCall> _calls = new();
    private int _watching;

    /// <summary>Watches a call until the result is disposed.</summary>
    /// <param name="kind">The kind of its jobs.</param>
    /// <param name="batch">The call.</param>
    public IDisposable Watch(string kind, Batch batch)
    {
        var call = new SilentCall(kind, batch, clock, () => _calls.TryRemove(batch.Id, out _));
        _calls[batch.Id] = call;
        if (Interlocked.Exchange(ref _watching, 1) == 0)
            _ = CallerContext.RunOutsideAsync(RunAsync);
        return call;
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(closed))
            {
                if (_calls.IsEmpty)
                {
                    Volatile.Write(ref _watching, 0);
                    // A call that came in between has seen the watch running.
                    if (_calls.IsEmpty || Interlocked.Exchange(ref _watching, 1) == 1)
                        return;
                }

                await LookAsync();
            }
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // The pool is disposed.
        }
    }

    /// <summary>One look at all calls; made every <see cref="LookEvery"/>.</summary>
    public async Task LookAsync()
    {
        var due = _calls.Values.Where(call => call.IsDue).ToList();
        if (due.Count == 0)
            return;
        try
        {
            var inbox = await lookAtInbox(closed);
            if (inbox == InboxState.Moved)
            {
                foreach (var call in _calls.Values)
                    SendAgain(call, call.AllPending, "outcomes have a new address");
                return;
            }

            foreach (var kind in due.GroupBy(call => call.Kind))
            {
                var looks = kind.Select(call => (Call: call, call.Batch.Pending)).ToList();
                var seen = inbox == InboxState.Listening ? await trace(kind.Key, closed) : null;
                foreach (var (call, pending) in looks)
                    SendAgain(call, call.Looked(pending, seen), "they are neither queued nor running");
            }
        }
        catch (Exception e) when (!closed.IsCancellationRequested)
        {
            // Mostly the broker is away. Whatever it is, it must not end the watch.
            log.LogDebug(e, "could not look for the jobs of calls that wait");
            foreach (var call in due)
                call.Looked([], trace: null);
        }
    }

    private void SendAgain(SilentCall call, IReadOnlyList<RunJob> jobs, string reason)
    {
        if (jobs.Count == 0)
            return;
        log.LogWarning("{Jobs} jobs of batch {BatchId}, kind {Kind}, are sent again: {Reason}", jobs.Count, call.Batch.Id, call.Kind, reason);
        call.SendAgain(jobs);
    }
}
