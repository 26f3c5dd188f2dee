using Broker.Fleet;
using Broker.Producer.Cli.Management;
using Broker.Topology;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>Adds to a look what only the broker counts.</summary>
internal static class BrokerCounts
{
    public static async Task<FleetSnapshot> AddAsync(FleetSnapshot fleet, ManagementApi management, CancellationToken cancellationToken)
    {
        try
        {
            var queues = (await management.QueuesAsync(cancellationToken)).ToDictionary(queue => queue.Name);
            return fleet with { Kinds = [.. fleet.Kinds.Select(kind => With(kind, queues.GetValueOrDefault(Names.JobsQueue(kind.Kind)), queues.GetValueOrDefault(Names.SuspectsQueue(kind.Kind))))] };
        }
        catch (ManagementException e)
        {
            return fleet with { Uncounted = e.Message };
        }
    }

    private static KindSnapshot With(KindSnapshot kind, QueueState? jobs, QueueState? suspects) => kind with
    {
        Unacknowledged = jobs is null ? null : jobs.MessagesUnacknowledged + (suspects?.MessagesUnacknowledged ?? 0),
        ArrivedPerSecond = jobs?.MessageStats?.PublishDetails?.Rate,
    };
}
