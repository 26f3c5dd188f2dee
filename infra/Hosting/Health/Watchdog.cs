using System.Collections.Concurrent;
using Broker.Bus;
using Broker.Connection;
using Broker.Hosting.Execution;
using Broker.Hosting.Running;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Health;

/// <summary>
/// Finds out that this process has gone deaf: jobs wait on a queue, none runs or waits for its turn here, and none arrives. A queue that is deleted and declared
/// again at once leaves its consumers without a word, and the transport's receive loop can end without one; no event tells, so this one thing is looked at
/// from time to time. The subscription is renewed; when that does not help, the process ends.
/// </summary>
internal sealed class Watchdog(
    Func<string, CancellationToken, Task<QueueDepth?>> lookAsync, IReadOnlyList<HostedKind> kinds, RunningJobs running, Action<string> retire, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(60);

    /// <summary>For each kind whose jobs were seen to wait: since when, with no delivery.</summary>
    private readonly ConcurrentDictionary<string, long> _silentSince = new();

    /// <summary>Wraps a kind's handler so that every delivery counts as a sign of life.</summary>
    public Func<Delivery, Task> Hearing(HostedKind kind, Func<Delivery, Task> handleAsync) => delivery =>
    {
        Heard(kind);
        return handleAsync(delivery);
    };

    /// <summary>Watches until <paramref name="stop"/>; retires the process when it stays deaf.</summary>
    /// <param name="resubscribeAsync">Renews the subscription to a queue.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Func<string, Task> resubscribeAsync, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, clock, stop);
                foreach (var kind in kinds)
                    await CheckAsync(kind, resubscribeAsync, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process stops; nothing is left to watch.
        }
    }

    private async Task CheckAsync(HostedKind kind, Func<string, Task> resubscribeAsync, CancellationToken stop)
    {
        try
        {
            if (running.CountOf(kind.Kind) > 0 || await lookAsync(kind.Kind, stop) is not { Ready: > 0 } depth)
            {
                Heard(kind);
                return;
            }

            var first = !_silentSince.ContainsKey(kind.Kind);
            var silence = clock.GetElapsedTime(_silentSince.GetOrAdd(kind.Kind, clock.GetTimestamp()));
            if (silence >= Deaf)
            {
                retire($"jobs of kind '{kind.Kind}' wait and none arrives here");
            }
            else if (!first || depth.Consumers == 0)
            {
                log.LogWarning("{Ready} jobs of kind {Kind} wait and none arrives here: the subscription is renewed", depth.Ready, kind.Kind);
                await resubscribeAsync(Names.JobsQueue(kind.Kind));
            }
        }
        catch (BrokerUnavailableException)
        {
            // Without a broker nothing is delivered; the minute begins when it is back.
            Heard(kind);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // A cancellation that is not ours among them: the client library's own time limit for an answer comes as one.
            log.LogDebug(e, "could not look at the queue of kind {Kind}", kind.Kind);
            Heard(kind);
        }
    }

    private void Heard(HostedKind kind) => _silentSince.TryRemove(kind.Kind, out _);
}
