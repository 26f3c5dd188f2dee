using System.Diagnostics;
using Broker.Tests.Chaos.Faults;
using Broker.Tests.Support;

namespace Broker.Tests.Chaos;

/// <summary>
/// One invariant under every fault: each item whose job was confirmed has exactly one outcome, handed over once, and nothing else is left in any queue.
/// </summary>
public sealed class When_a_fault_meets_jobs(OwnBroker own, OwnCluster cluster, FaultTable table) : IClassFixture<OwnBroker>, IClassFixture<OwnCluster>, IClassFixture<FaultTable>
{
    private static readonly Fault[] Faults = [.. ProcessFaults.All, .. BrokerFaults.All, .. HandlerFaults.All, .. MessageFaults.All, .. VersionFaults.All, .. ClusterFaults.All];

    private readonly PrivateBroker _broker = own.Require();

    /// <summary>The quick ones; with BROKER_CHAOS all, or those it names.</summary>
    public static TheoryData<string> Chosen
    {
        get
        {
            var asked = (Environment.GetEnvironmentVariable("BROKER_CHAOS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return [.. Faults.Where(fault => asked.Length == 0 ? fault.Quick : asked is ["all"] || asked.Contains(fault.Name)).Select(fault => fault.Name)];
        }
    }

    [Theory]
    [MemberData(nameof(Chosen))]
    public async Task Nothing_is_lost_and_nothing_is_doubled(string name)
    {
        var fault = Faults.Single(fault => fault.Name == name);
        if (fault.LeftOut is { } reason)
        {
            table.LeaveOut(fault);
            Assert.Skip(reason);
        }

        await using var scene = await (fault.Clustered ? Scene.OpenAsync(null, await cluster.RequireAsync(), fault) : Scene.OpenAsync(_broker, null, fault));
        using var load = new Load(scene, fault.Detaches);
        await load.FlowAsync(300);
        var begun = Stopwatch.GetTimestamp();
        await fault.InflictAsync(scene);
        var faultEnd = Stopwatch.GetTimestamp();
        await load.FlowAsync(300);
        var ledger = await load.EndAsync(faultEnd);
        var dead = await scene.DeadAsync();
        var left = await scene.LeftoversAsync();
        table.Add(fault, Stopwatch.GetElapsedTime(begun, faultEnd), ledger);
        Assert.Empty(load.Wrong);
        Assert.Equal((0, 0), (ledger.Lost, ledger.Doubled));
        Assert.Equal(fault.DeadLetters, dead);
        Assert.Empty(left);
        Assert.InRange(ledger.Recovery, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }
}
