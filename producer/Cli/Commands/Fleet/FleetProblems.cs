using Broker.Fleet;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>Something of the fleet that a person should see to.</summary>
/// <param name="Subject">A kind, or what else it is about.</param>
/// <param name="What">What is wrong.</param>
/// <param name="Fix">What to do.</param>
internal sealed record FleetProblem(string Subject, string What, string Fix)
{
    public override string ToString() => $"{Subject}: {What}";
}

/// <summary>Finds in a snapshot what is stuck.</summary>
internal static class FleetProblems
{
    /// <summary>With free slots and jobs that wait, a consumer takes the next within milliseconds; so long without one is no coincidence of two looks.</summary>
    private static readonly TimeSpan Stuck = TimeSpan.FromSeconds(5);

    public static FleetProblem Unasked { get; } = new("consumers", "not asked, for the broker takes no messages: a memory or disk alarm?", "producer doctor");

    public static IEnumerable<FleetProblem> In(FleetSnapshot fleet)
    {
        if (fleet.Unasked)
            yield return Unasked;
        if (fleet.Uncounted is { } refused)
            yield return new FleetProblem("management", refused, "or leave BROKER_MANAGEMENT empty");
        foreach (var kind in fleet.Kinds)
        {
            var jobs = kind.Waiting == 1 ? "1 job waits" : $"{kind.Waiting} jobs wait";
            if (kind is { Waiting: > 0, Consumers: 0 })
                yield return new FleetProblem(kind.Kind, $"{jobs} and no consumer serves it", $"start one, or producer purge {kind.Kind}");
            if (!fleet.Unasked && kind.Consumers - kind.Served.Count is > 0 and var silent)
                yield return new FleetProblem(kind.Kind, $"{silent} of {kind.Consumers} consumers {(silent == 1 ? "does" : "do")} not answer", $"stopping, overloaded or hanging: producer logs --kind {kind.Kind}");
            if (kind is { Waiting: > 0, TakenPerSecond: 0 } && kind.Running < kind.Slots && fleet.Measured >= Stuck)
                yield return new FleetProblem(kind.Kind, $"{jobs}, {kind.Slots - kind.Running} slots are free, and none was taken for {ShortText.Duration(fleet.Measured)}", "producer doctor");
        }

        var dead = fleet.Kinds.Where(kind => kind.Dead > 0).Select(kind => $"{kind.Kind} {kind.Dead}").ToList();
        if (dead.Count > 0)
            yield return new FleetProblem("dead letters", string.Join(", ", dead), "producer dead list");
    }
}
