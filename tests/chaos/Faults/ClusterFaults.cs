using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Chaos.Faults;

/// <summary>Nodes of a cluster that die, are restarted and cut off. All programs have the addresses of all nodes.</summary>
internal static class ClusterFaults
{
    /// <summary>How long a node is away.</summary>
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(10);

    public static IEnumerable<Fault> All =>
    [
        new("node-1-killed", scene => KillAsync(scene.Cluster, 1)) { Clustered = true },
        new("node-2-killed", scene => KillAsync(scene.Cluster, 2)) { Clustered = true },
        new("node-3-killed", scene => KillAsync(scene.Cluster, 3)) { Clustered = true },
        new("leader-killed", async scene => await KillAsync(scene.Cluster, await scene.Cluster.LeaderOfAsync(Jobs(scene)))) { Clustered = true },
        new("nodes-restarted-in-turn", scene => RestartInTurnAsync(scene.Cluster)) { Clustered = true },
        new("leader-isolated", async scene =>
        {
            var leader = await scene.Cluster.LeaderOfAsync(Jobs(scene));
            await scene.Cluster.GatherAsync(leader);
            await scene.Cluster.LeadAsync(leader, Jobs(scene));
            await scene.Cluster.IsolateAsync(leader);
            await Task.Delay(2 * Away);
            await scene.Cluster.HealAsync(leader);
        }) { Clustered = true },
    ];

    private static string Jobs(Scene scene) => Names.JobsQueue(scene.Kind("ledger"));

    private static async Task KillAsync(PrivateCluster cluster, int node)
    {
        await cluster.KillAsync(node);
        await Task.Delay(Away);
        await cluster.StartAgainAsync(node);
    }

    private static async Task RestartInTurnAsync(PrivateCluster cluster)
    {
        foreach (var node in PrivateCluster.Nodes)
        {
            await cluster.WaitForSafetyAsync(node);
            await cluster.StopAsync(node);
            await cluster.StartAgainAsync(node);
        }
    }
}
