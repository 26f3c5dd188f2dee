using System.Runtime.CompilerServices;
using System.Text.Json;
using Broker.CommandLine;
using Broker.CommandLine.Settings;
using Broker.Diagnosis;
using Broker.Producer.Cli.Management;

namespace Broker.Producer.Cli.Commands.Doctor;

/// <summary>What only the management plugin tells: the nodes, how queues are replicated, and policies that lose jobs.</summary>
internal static class ManagementCheck
{
    private const string Check = "management";

    /// <summary>Each of them removes or refuses messages that a queue of ours is to keep, or takes back a setting that it declares.</summary>
    private static readonly string[] Harmful =
        ["message-ttl", "expires", "max-length", "max-length-bytes", "max-age", "delivery-limit", "overflow", "dead-letter-exchange", "dead-letter-routing-key", "consumer-timeout"];

    public static async IAsyncEnumerable<Finding> RunAsync(BrokerSettings settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var api = ManagementApi.Of(settings);
        if (api is null)
        {
            yield return Finding.Skipped(Check, "BROKER_MANAGEMENT is not set: nodes, replicas and policies are not checked");
            yield break;
        }

        var (nodes, queues, refused) = await AskAsync(api, cancellationToken);
        foreach (var finding in refused is null ? [.. Nodes(nodes), .. Replicas(nodes, queues), .. Policies(queues)] : new[] { Finding.Wrong(Check, refused) })
            yield return finding;
    }

    internal static IEnumerable<Finding> Nodes(IReadOnlyList<NodeState> nodes)
    {
        var wrong = nodes.Select(Trouble).OfType<Finding>().ToList();
        return wrong.Count > 0 ? wrong : [Finding.Ok("nodes", string.Join("; ", nodes.Select(Text)))];
    }

    internal static IEnumerable<Finding> Replicas(IReadOnlyList<NodeState> nodes, IReadOnlyList<QueueState> queues)
    {
        var replicated = queues.Where(queue => queue.Members is { Length: > 0 }).ToList();
        var away = replicated.Where(queue => queue.Online?.Length < queue.Members!.Length).ToList();
        // Three bear the loss of one; more are the operator's choice.
        var few = replicated.Where(queue => queue.Members!.Length < Math.Min(3, nodes.Count)).ToList();
        if (away.Count > 0)
            yield return Finding.Wrong("replicas", $"{Some(away)} have members on nodes that are away", "start the nodes; a queue without most of its members takes no jobs");
        if (few.Count > 0)
            yield return Finding.Wrong("replicas", $"{Some(few)} have fewer than {Math.Min(3, nodes.Count)} members on {nodes.Count} nodes", "rabbitmq-queues grow NODE all (for streams: rabbitmq-streams add_replica)");
        if (away.Count + few.Count == 0 && replicated.Count > 0)
            yield return Finding.Ok("replicas", $"{replicated.Count} queues and streams have all their members");
    }

    internal static IEnumerable<Finding> Policies(IReadOnlyList<QueueState> queues)
    {
        var wrong = queues
            .SelectMany(queue => Keys(queue.EffectivePolicyDefinition).Intersect(Harmful).Select(key => (Queue: queue, Policy: $"{PolicyOf(queue)} sets {key}")))
            .GroupBy(found => found.Policy, found => found.Queue)
            .Select(found => Finding.Wrong("policies", $"{found.Key} on {Some([.. found])}: jobs may be lost, refused or kept too long", @"leave ^broker\. out of its pattern"))
            .ToList();
        return wrong.Count > 0 ? wrong : [Finding.Ok("policies", "none changes what the queues declare")];
    }

    private static Finding? Trouble(NodeState node) => node switch
    {
        { Running: false } => Finding.Wrong("nodes", $"{node.Name} is away", "start it, or rabbitmqctl forget_cluster_node"),
        { MemAlarm: true } => Finding.Wrong("nodes", $"{node.Name} uses {Size(node.MemUsed)} of memory, of which it may use {Size(node.MemLimit)}: publishers wait", "give it more memory, or let consumers take what waits"),
        { DiskFreeAlarm: true } => Finding.Wrong("nodes", $"{node.Name} has {Size(node.DiskFree)} of disk left, and needs {Size(node.DiskFreeLimit)}: publishers wait", "free disk space"),
        { Partitions: { Length: > 0 } partitions } => Finding.Wrong("nodes", $"{node.Name} does not see {string.Join(", ", partitions)}", "mend the network; with cluster_partition_handling = pause_minority they join again by themselves"),
        _ => null,
    };

    private static string Text(NodeState node) => $"{node.Name} uses {Size(node.MemUsed)} of {Size(node.MemLimit)} of memory, {Size(node.DiskFree)} of disk are free";

    private static string Some(List<QueueState> queues) => queues.Count == 1 ? queues[0].Name : $"{queues[0].Name} and {queues.Count - 1} more";

    private static string Size(long? bytes) => bytes is { } some ? SizeText.Of(some) : "-";

    private static string PolicyOf(QueueState queue) => string.Join(" or ", new[] { queue.Policy, queue.OperatorPolicy }.Where(name => name is { Length: > 0 }));

    private static IEnumerable<string> Keys(JsonElement definition) => definition.ValueKind == JsonValueKind.Object ? definition.EnumerateObject().Select(property => property.Name) : [];

    private static async Task<(IReadOnlyList<NodeState> Nodes, IReadOnlyList<QueueState> Queues, string? Refused)> AskAsync(ManagementApi api, CancellationToken cancellationToken)
    {
        try
        {
            return (await api.NodesAsync(cancellationToken), await api.QueuesAsync(cancellationToken), null);
        }
        catch (ManagementException e)
        {
            return ([], [], e.Message);
        }
    }
}
