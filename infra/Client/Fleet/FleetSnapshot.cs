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
    /// <summary>When, by this machine's clock.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Whether the question to the consumers could not be sent: then only the queues are known.</summary>
    public bool Unasked { get; init; }

    /// <summary>Why the broker's own counts are missing though they were asked for; null where they are there, or were not asked for.</summary>
    public string? Uncounted { get; init; }

    /// <summary>Jobs of all kinds that wait on the broker for a retry; null where nothing there delays jobs, or it was not looked at.</summary>
    public long? Delayed { get; init; }

    /// <summary>The time over which rates are measured; null without an earlier snapshot.</summary>
    public TimeSpan? Measured { get; init; }

    public static FleetSnapshot Of(IReadOnlyCollection<Pong> answers, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var processes = answers
            .Select(pong => ProcessSnapshot.Of(pong, now))
            .OrderBy(process => process.Identity.Host, StringComparer.Ordinal)
            .ThenBy(process => process.Identity.ProcessId)
            .ToList();
        var ages = processes.SelectMany(process => process.Jobs).ToLookup(job => job.Kind, job => job.Age);
        var kinds = processes.SelectMany(process => process.Served).GroupBy(kind => kind.Kind)
            .Select(group => new KindSnapshot(group.Key) { Served = [.. group], Oldest = ages.Contains(group.Key) ? ages[group.Key].Max() : null });
        return new FleetSnapshot(InOrder(kinds), processes, clock.GetElapsedTime(0)) { At = now };
    }

    /// <summary>With kinds that no consumer serves.</summary>
    public FleetSnapshot With(IEnumerable<string> named) =>
        this with { Kinds = InOrder([.. Kinds, .. named.Distinct().Except(Kinds.Select(kind => kind.Kind)).Select(kind => new KindSnapshot(kind))]) };

    /// <summary>With what waits on the queues.</summary>
    public FleetSnapshot With(IReadOnlyDictionary<string, KindQueues> queues) => this with
    {
        Kinds = [.. Kinds.Select(kind => queues.TryGetValue(kind.Kind, out var two) ? kind with { Waiting = two.Jobs?.Ready, Consumers = two.Jobs?.Consumers, Dead = two.Dead?.Ready } : kind)],
    };

    /// <summary>Only these kinds, and the processes that serve one of them; all where none is named.</summary>
    public FleetSnapshot Only(IReadOnlyCollection<string> named) => named.Count == 0 ? this : this with
    {
        Kinds = [.. Kinds.Where(kind => named.Contains(kind.Kind))],
        Processes = [.. Processes.Where(process => process.Kinds.Any(named.Contains))],
    };

    /// <summary>Without kinds that no consumer serves and whose queues are empty, but those <paramref name="named"/>.</summary>
    public FleetSnapshot WithoutIdle(IReadOnlyCollection<string> named) =>
        this with { Kinds = [.. Kinds.Where(kind => kind.Served.Count > 0 || kind.Waiting > 0 || kind.Dead > 0 || named.Contains(kind.Kind))] };

    /// <summary>With the rates since an earlier snapshot: of the processes that both have. One that ended took its count along, one that is back brings the count of hours.</summary>
    public FleetSnapshot Since(FleetSnapshot before)
    {
        if (Taken <= before.Taken)
            return this;
        var time = Taken - before.Taken;
        var both = Processes.Join(before.Processes, process => process.Identity, process => process.Identity, (now, then) => (Now: now, Then: then)).ToList();
        var rates = both.ToLookup(process => process.Now.Identity, process => Rate([process], time, one => one.Done));
        return this with
        {
            Measured = time,
            Kinds =
            [
                .. Kinds.Select(kind => kind with
                {
                    PerSecond = Rate(both, time, process => process.KindOf(kind.Kind)?.Completed),
                    FailedPerSecond = Rate(both, time, process => process.KindOf(kind.Kind)?.Failed),
                    TakenPerSecond = Rate(both, time, process => process.KindOf(kind.Kind)?.Taken),
                }),
            ],
            Processes = [.. Processes.Select(process => process with { PerSecond = rates[process.Identity].FirstOrDefault() })],
        };
    }

    private static double? Rate(IEnumerable<(ProcessSnapshot Now, ProcessSnapshot Then)> processes, TimeSpan time, Func<ProcessSnapshot, long?> countOf)
    {
        // One that was started again under the same host, pid and name counts from 0.
        var grown = processes.Select(process => countOf(process.Now) - countOf(process.Then)).OfType<long>().Select(count => Math.Max(0, count)).ToList();
        return grown.Count == 0 ? null : grown.Sum() / time.TotalSeconds;
    }

    private static List<KindSnapshot> InOrder(IEnumerable<KindSnapshot> kinds) => [.. kinds.OrderBy(kind => kind.Kind, StringComparer.Ordinal)];
}
