using Microsoft.Extensions.Logging;

namespace Broker.Fleet;

/// <summary>Tells whoever waits that no consumer serves the kind: a call to a misspelt kind would otherwise wait without a word.</summary>
internal sealed class ServiceWatch(FleetClient fleet, Action<string>? notice, ILogger log, TimeProvider clock)
{
    /// <summary>After this long without any outcome we look. With the time to ask a fleet that answers, the notice comes within two seconds.</summary>
    private static readonly TimeSpan LookAfter = TimeSpan.FromMilliseconds(800);

    /// <summary>Says that no consumer serves the kind, and which may be meant; null where one does.</summary>
    public static async Task<string?> NoConsumerAsync(FleetClient fleet, string kind, CancellationToken cancellationToken)
    {
        if ((await fleet.LookAtAsync(kind, cancellationToken)).Jobs is { Consumers: > 0 })
            return null;
        var served = (await fleet.AskAsync(cancellationToken)).Kinds.Select(known => known.Kind).ToList();
        return served.Contains(kind) ? null : $"no consumer serves '{kind}' now ({Hint(kind, served)})";
    }

    public async Task WatchAsync(string kind, Func<bool> isAnswered, CancellationToken cancellationToken)
    {
        if (notice is null)
            return;
        try
        {
            await Task.Delay(LookAfter, clock, cancellationToken);
            if (!isAnswered() && await NoConsumerAsync(fleet, kind, cancellationToken) is { } none && !isAnswered())
                notice($"{none}; waiting for one that does");
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

    private static string Hint(string kind, List<string> served) => NearestName.Of(kind, served) is { } near ? $"did you mean '{near}'?"
        : served.Count > 0 ? $"served are: {string.Join(", ", served)}"
        : "no consumer is running";
}
