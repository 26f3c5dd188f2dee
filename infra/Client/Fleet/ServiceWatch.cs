using Broker.Pool;
using Microsoft.Extensions.Logging;

namespace Broker.Fleet;

/// <summary>Tells whoever waits that nobody serves the kind: a call to a misspelt kind would otherwise wait without a word.</summary>
internal sealed class ServiceWatch(PoolLink link, Action<string>? notice, ILogger log)
{
    /// <summary>After this long without any outcome we look. With the time to ask the fleet, the notice comes within two seconds.</summary>
    private static readonly TimeSpan LookAfter = TimeSpan.FromMilliseconds(800);

    public async Task WatchAsync(string kind, Batch batch, CancellationToken cancellationToken)
    {
        if (notice is null)
            return;
        try
        {
            await Task.Delay(LookAfter, cancellationToken);
            if (batch.Arrived > 0 || await link.Topology.LookAtJobsAsync(kind, cancellationToken) is { Consumers: > 0 })
                return;
            var served = (await link.AskFleetAsync(cancellationToken)).SelectMany(pong => pong.Kinds).Select(known => known.Kind).Distinct().Order().ToList();
            if (batch.Arrived > 0 || served.Contains(kind))
                return;
            var hint = NearestName.Of(kind, served) is { } near ? $"did you mean '{near}'?"
                : served.Count > 0 ? $"served are: {string.Join(", ", served)}"
                : "no consumer is running";
            notice($"nobody serves '{kind}' now ({hint}); waiting for a consumer that does");
        }
        catch (OperationCanceledException)
        {
            // The batch has ended; nobody waits for this.
        }
        catch (Exception e)
        {
            log.LogDebug(e, "could not find out who serves {Kind}", kind);
        }
    }
}
