using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Topology;

namespace Broker.Fleet;

/// <summary>The fleet at one moment: what the consumers answered and, where they were looked at, the queues.</summary>
/// <param name="Kinds">By name.</param>
/// <param name="Processes">By host and process id.</param>
/// <param name="Taken">When, by a clock that only goes forward.</param>
internal sealed record FleetSnapshot(IReadOnlyList<KindSnapshot> Kinds, IReadOnlyList<ProcessSnapshot> Processes, TimeSpan Taken)
{
    public static FleetSnapshot Of(IReadOnlyCollection<Pong> answers, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var processes = answers
            .Select(pong => new ProcessSnapshot(pong.Worker, pong.Version, now - pong.StartedAt, pong.Kinds) { SupervisorId = pong.SupervisorId })
            .OrderBy(process => process.Identity.Host, StringComparer.Ordinal)
            .ThenBy(process => process.Identity.ProcessId)
            .ToList();
        var kinds = answers.SelectMany(pong => pong.Kinds).GroupBy(kind => kind.Kind).Select(group => new KindSnapshot(group.Key) { Served = [.. group] });
        return new FleetSnapshot(InOrder(kinds), processes, clock.GetElapsedTime(0));
    }

    /// <summary>With kinds that no consumer serves.</summary>
    public FleetSnapshot With(IEnumerable<string> named) =>
        this with { Kinds = InOrder([.. Kinds, .. named.Distinct().Except(Kinds.Select(kind => kind.Kind)).Select(kind => new KindSnapshot(kind))]) };

    /// <summary>With what waits on the queues.</summary>
    public FleetSnapshot With(IReadOnlyDictionary<string, KindQueues> queues) =>
        this with { Kinds = [.. Kinds.Select(kind => queues.TryGetValue(kind.Kind, out var two) ? kind with { Waiting = two.Jobs?.Ready, Dead = two.Dead?.Ready } : kind)] };

    /// <summary>Only these kinds, and the processes that serve one of them; all where none is named.</summary>
    public FleetSnapshot Only(IReadOnlyCollection<string> named) => named.Count == 0 ? this : this with
    {
        Kinds = [.. Kinds.Where(kind => named.Contains(kind.Kind))],
        Processes = [.. Processes.Where(process => process.Kinds.Any(named.Contains))],
    };

    /// <summary>Without kinds that no consumer serves and whose queues are empty, but those <paramref name="named"/>.</summary>
    public FleetSnapshot WithoutIdle(IReadOnlyCollection<string> named) =>
        this with { Kinds = [.. Kinds.Where(kind => kind.Served.Count > 0 || kind.Waiting > 0 || kind.Dead > 0 || named.Contains(kind.Kind))] };

    /// <summary>With each kind's rate since an earlier snapshot.</summary>
    public FleetSnapshot Since(FleetSnapshot before) => this with { Kinds = [.. Kinds.Select(kind => kind with { PerSecond = Rate(kind.Kind, before) })] };

    /// <summary>Counts the processes that both snapshots have: one that ended took its count along, one that is back brings the count of hours.</summary>
    private double? Rate(string kind, FleetSnapshot before)
    {
        var done = before.Processes.ToLookup(process => process.Identity, process => process.DoneOf(kind));
        var both = Processes.Where(process => process.DoneOf(kind) is not null && done[process.Identity].FirstOrDefault() is not null).ToList();
        return both.Count == 0 || Taken <= before.Taken
            ? null
            : both.Sum(process => process.DoneOf(kind)!.Value - done[process.Identity].First()!.Value) / (Taken - before.Taken).TotalSeconds;
    }

    private static List<KindSnapshot> InOrder(IEnumerable<KindSnapshot> kinds) => [.. kinds.OrderBy(kind => kind.Kind, StringComparer.Ordinal)];
}
