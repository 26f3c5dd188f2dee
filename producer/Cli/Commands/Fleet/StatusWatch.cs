using Broker.Connection;
using Broker.Fleet;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>Looks at the fleet every two seconds until it is told to stop; a broker that is away is waited for.</summary>
/// <param name="lookAsync">Takes a look.</param>
/// <param name="show">Shows a look and, where a later one did not come, why.</param>
internal sealed class StatusWatch(Func<CancellationToken, Task<FleetSnapshot>> lookAsync, Action<FleetSnapshot, string?> show)
{
    /// <summary>A look costs the broker some milliseconds: at this pace less than a hundredth of a core.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <summary>Longer than a question and its answers may take; a broker that is frozen would hold up a request for longer.</summary>
    private static readonly TimeSpan LookTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Rates are those of the last ten seconds: of a kind whose jobs take seconds, two looks in a row often see no change.</summary>
    private const int RatedLooks = 5;

    private readonly Queue<FleetSnapshot> _looks = new();

    public async Task RunAsync(FleetSnapshot first, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Every);
        var shown = first;
        _looks.Enqueue(first);
        show(first, null);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                var (look, trouble) = await TryLookAsync(stop);
                if (look is not null)
                    shown = Rated(look);
                show(shown, trouble);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C is how watching ends.
        }
    }

    private FleetSnapshot Rated(FleetSnapshot look)
    {
        _looks.Enqueue(look);
        if (_looks.Count > RatedLooks + 1)
            _looks.Dequeue();
        return look.Since(_looks.Peek());
    }

    private async Task<(FleetSnapshot? Look, string? Trouble)> TryLookAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(LookTimeout);
        try
        {
            return (await lookAsync(limit.Token), null);
        }
        catch (BrokerUnavailableException e) when (e.CanRetry)
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, $"the broker did not answer within {LookTimeout.TotalSeconds:0} s: is it overloaded or stopped (producer doctor)?");
        }
    }
}
