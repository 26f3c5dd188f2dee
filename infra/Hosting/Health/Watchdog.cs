using System.Collections.Concurrent;
using Broker.Bus;
using Broker.Connection;
using Broker.Hosting.Execution;
using Broker.Hosting.Running;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Health;

/// <summary>
/// Finds out that this process has gone deaf: jobs wait on a queue, none runs or waits for its turn here, and none has arrived for a minute. The transport's
/// receive loop can end without a word; no event tells, so this one thing is looked at from time to time.
/// </summary>
internal sealed class Watchdog(
    Func<string, CancellationToken, Task<QueueDepth?>> lookAsync, IReadOnlyList<HostedKind> kinds, RunningJobs running, Action<string> retire, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, long> _lastHeard = new();

    /// <summary>Wraps a kind's handler so that every delivery counts as a sign of life.</summary>
    public Func<Delivery, Task> Hearing(HostedKind kind, Func<Delivery, Task> handleAsync)
    {
        Heard(kind);
        return delivery =>
        {
            Heard(kind);
            return handleAsync(delivery);
        };
    }

    /// <summary>Watches until <paramref name="stop"/>; retires the process when it is deaf.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Interval, clock, stop);
                foreach (var kind in kinds)
                    await CheckAsync(kind, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process stops; nothing is left to watch.
        }
    }

    private async Task CheckAsync(HostedKind kind, CancellationToken stop)
    {
        try
        {
            var waiting = running.CountOf(kind.Kind) == 0 && await lookAsync(kind.Kind, stop) is { Ready: > 0 };
            if (!waiting)
                Heard(kind);
            else if (clock.GetElapsedTime(_lastHeard[kind.Kind]) > Deaf)
                retire($"jobs of kind '{kind.Kind}' wait and none arrives here");
        }
        catch (BrokerUnavailableException)
        {
            // Without a broker nobody hears anything; the minute begins when it is back.
            Heard(kind);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            // A cancellation that is not ours among them: the client library's own time limit for an answer comes as one.
            log.LogDebug(e, "could not look at the queue of kind {Kind}", kind.Kind);
            Heard(kind);
        }
    }

    private void Heard(HostedKind kind) => _lastHeard[kind.Kind] = clock.GetTimestamp();
}
