using Broker.Connection;
using Broker.Hosting.Execution;
using Broker.Hosting.Running;
using Broker.Topology;

namespace Broker.Hosting.Lifetime;

/// <summary>
/// Ends a process that is to end when there is nothing to do: nothing runs here, nothing came for a while, the queues of its kinds are empty, and no item that
/// failed here still waits for its next attempt. No event tells that a queue is empty, so it is looked at.
/// </summary>
/// <param name="lookAsync">A kind's queues.</param>
/// <param name="kinds">What this process serves.</param>
/// <param name="running">What runs here.</param>
/// <param name="retriesDue">When the last item that failed here is tried again.</param>
/// <param name="clock">Measures the quiet.</param>
internal sealed class IdleWatch(Func<string, CancellationToken, Task<KindQueues>> lookAsync, IReadOnlyList<HostedKind> kinds, RunningJobs running, Func<DateTimeOffset> retriesDue, TimeProvider clock)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    /// <summary>Longer than the way of a job between two queues, and than the pauses of whoever sends some.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    /// <summary>Returns when there is nothing to do.</summary>
    /// <exception cref="OperationCanceledException">By <paramref name="stop"/>.</exception>
    public async Task UntilIdleAsync(CancellationToken stop)
    {
        var (seen, since) = (Taken, clock.GetTimestamp());
        while (true)
        {
            await Task.Delay(Interval, clock, stop);
            if (running.Count > 0 || Taken != seen || retriesDue() > clock.GetUtcNow())
                (seen, since) = (Taken, clock.GetTimestamp());
            else if (clock.GetElapsedTime(since) >= Quiet && await AreEmptyAsync(stop) && running.Count == 0 && Taken == seen)
                return;
        }
    }

    private long Taken => kinds.Sum(kind => kind.Taken);

    private async Task<bool> AreEmptyAsync(CancellationToken stop)
    {
        try
        {
            foreach (var kind in kinds)
            {
                if (await lookAsync(kind.Kind, stop) is { Jobs.Ready: > 0 })
                    return false;
            }

            return true;
        }
        catch (BrokerUnavailableException)
        {
            // Whoever is not there cannot be empty.
            return false;
        }
    }
}
