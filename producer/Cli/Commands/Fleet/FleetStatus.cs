using System.Diagnostics;
using Broker.Contracts.Messages;
using Broker.Pool;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>The fleet at one moment.</summary>
internal sealed record FleetStatus(IReadOnlyList<KindStatus> Kinds, IReadOnlyList<ProcessStatus> Processes)
{
    private readonly long _taken = Stopwatch.GetTimestamp();

    /// <param name="named">Kinds to look at whether or not anybody serves them: RabbitMQ's protocol has no list of queues.</param>
    /// <param name="previous">An earlier look, to tell rates by.</param>
    public static async Task<FleetStatus> TakeAsync(JobPool pool, IReadOnlyList<string> named, FleetStatus? previous, CancellationToken cancellationToken)
    {
        var fleet = await pool.AskFleetAsync(cancellationToken);
        var served = fleet.SelectMany(pong => pong.Kinds).ToLookup(kind => kind.Kind);
        var kinds = new List<KindStatus>();
        foreach (var name in served.Select(group => group.Key).Union(named).Order(StringComparer.Ordinal))
        {
            var waiting = (await pool.Topology.LookAtJobsAsync(name, cancellationToken))?.Ready;
            var dead = (await pool.Topology.LookAtDeadAsync(name, cancellationToken))?.Ready;
            var done = served[name].Sum(kind => kind.Completed);
            kinds.Add(new KindStatus(
                name,
                waiting,
                served[name].Sum(kind => kind.Running),
                served[name].Sum(kind => kind.Concurrency),
                served[name].Count(),
                done,
                served[name].Sum(kind => kind.Failed),
                previous?.Rate(name, done),
                dead));
        }

        var now = DateTimeOffset.UtcNow;
        var processes = fleet
            .OrderBy(pong => pong.Worker.Host, StringComparer.Ordinal)
            .ThenBy(pong => pong.Worker.ProcessId)
            .Select(pong => Describe(pong, now))
            .ToList();
        return new FleetStatus(kinds, processes);
    }

    private double? Rate(string kind, long done)
    {
        var before = Kinds.FirstOrDefault(known => known.Kind == kind);
        // A process that ended took its count along: no rate is better than a wrong one.
        return before is null || done < before.Done ? null : (done - before.Done) / Stopwatch.GetElapsedTime(_taken).TotalSeconds;
    }

    private static ProcessStatus Describe(Pong pong, DateTimeOffset now) => new(
        pong.Worker.Host,
        pong.Worker.ProcessId,
        pong.Worker.Name,
        pong.Kinds.Sum(kind => kind.Running),
        pong.Kinds.Sum(kind => kind.Completed),
        pong.Kinds.Sum(kind => kind.Failed),
        now - pong.StartedAt,
        pong.Version);
}

/// <param name="Kind">The kind.</param>
/// <param name="Waiting">Jobs ready on its queue; null where there is no queue.</param>
/// <param name="Running">Jobs being run.</param>
/// <param name="AtOnce">How many the live consumers run at once at most.</param>
/// <param name="Processes">How many processes serve it.</param>
/// <param name="Done">Items those processes have finished since they started.</param>
/// <param name="Failed">How many of these failed.</param>
/// <param name="PerSecond">Items a second since the look before; null at the first.</param>
/// <param name="Dead">Dead letters.</param>
internal sealed record KindStatus(string Kind, long? Waiting, int Running, int AtOnce, int Processes, long Done, long Failed, double? PerSecond, long? Dead);

internal sealed record ProcessStatus(string Host, int Pid, string Name, int Running, long Done, long Failed, TimeSpan Up, string Version);
