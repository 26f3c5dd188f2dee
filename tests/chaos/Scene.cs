using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Chaos;

/// <summary>A broker, consumers on it, and callers whose every item is counted.</summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>What was sent to a caller that was killed is kept until its queue expires.</summary>
    private static readonly string DeadCallers = Names.ResultsQueue("");

    private readonly TestFolder _notes = new();
    private readonly FleetPlan _plan;
    private ConsumerFleet? _fleet;
    private JobPool? _pool;

    private readonly PrivateBroker? _broker;
    private readonly PrivateCluster? _cluster;

    private Scene(PrivateBroker? broker, PrivateCluster? cluster, Fault fault)
    {
        (_broker, _cluster) = (broker, cluster);
        Front = fault.Fronted ? new BrokerFront(url: Broker.Url) : null;
        _plan = new FleetPlan
        {
            Kinds = ["ledger", "behave", .. fault.Kinds],
            Processes = fault.Processes,
            Concurrency = 8,
            Url = Front?.Url ?? cluster?.Url ?? Broker.Url,
            More = fault.Arguments,
            Environment = fault.Environment,
        };
    }

    public PrivateBroker Broker => _broker!;

    /// <summary>In its place, for a fault that takes one.</summary>
    public PrivateCluster Cluster => _cluster!;

    public BrokerFront? Front { get; }

    public string Url => _plan.Url!;

    public ConsumerFleet Fleet => _fleet!;

    public JobPool Pool => _pool!;

    /// <summary>Where handlers note their runs.</summary>
    public string Notes => _notes.Path;

    /// <param name="broker">The broker; null where there is a cluster.</param>
    /// <param name="cluster">The cluster; null where there is a broker.</param>
    /// <param name="fault">What will go wrong.</param>
    public static async Task<Scene> OpenAsync(PrivateBroker? broker, PrivateCluster? cluster, Fault fault)
    {
        var scene = new Scene(broker, cluster, fault);
        try
        {
            await scene.StartFleetAsync();
            scene._pool = await JobPool.ConnectAsync(scene.Url);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    public string Kind(string name) => _plan.Kind(name);

    /// <summary>Starts another supervisor with this many children; the one before has ended, or ends by itself.</summary>
    public async Task StartFleetAsync(int? processes = null) => _fleet = await ConsumerFleet.StartAsync(_plan with { Processes = processes ?? _plan.Processes });

    /// <summary>Starts consumers of another version beside the fleet, for the same kinds.</summary>
    /// <param name="program">The consumer.</param>
    public Task<ConsumerFleet> StartOthersAsync(string program) => ConsumerFleet.StartAsync(_plan with { Program = program });

    /// <summary>An item of the counted kind.</summary>
    public string Item(long number, int milliseconds = 20) => $"[\"{Notes}\",{number},{milliseconds}]";

    /// <summary>How often each item of a range was run.</summary>
    public Dictionary<long, int> Runs() => Directory.EnumerateFiles(Notes, "runs-*").SelectMany(File.ReadLines).Select(long.Parse).CountBy(number => number).ToDictionary();

    /// <summary>Whether a process has run a counted item.</summary>
    public bool HasRun(int process) => File.Exists(Path.Combine(Notes, $"runs-{process}"));

    /// <summary>The children that have not ended.</summary>
    public int[] LivingChildren() => [.. Fleet.ChildIds.Where(id => Directory.Exists($"/proc/{id}"))];

    /// <summary>How many messages are dead, which are removed.</summary>
    public async Task<long> DeadAsync()
    {
        var dead = 0L;
        foreach (var kind in _plan.Kinds)
        {
            var counts = await Pool.DeadLetters(Kind(kind)).PurgeAsync();
            dead += counts.Done + counts.Unreadable;
        }

        return dead;
    }

    /// <summary>Queues that hold something when nothing should be anywhere; streams keep what they have.</summary>
    public async Task<IReadOnlyList<string>> LeftoversAsync()
    {
        // The broker's counts lag behind.
        IReadOnlyList<string> left = [];
        for (var look = 0; look < 20; look++)
        {
            string[] list = ["list_queues", "-q", "--no-table-headers", "name", "messages", "consumers", "type"];
            var queues = await (_cluster?.ControlAsync(PrivateCluster.Nodes[0], list) ?? Broker.ControlAsync(list));
            left = [.. queues.Split('\n').Where(line => line.Split('\t') is [var name, not "0", var consumers, not "stream"] && name != Names.KindsQueue && !(consumers == "0" && name.StartsWith(DeadCallers, StringComparison.Ordinal)))];
            if (left.Count == 0)
                break;
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }

        return left;
    }

    public async ValueTask DisposeAsync()
    {
        if (_pool is not null)
            await _pool.DisposeAsync();
        if (_fleet is not null)
            await _fleet.DisposeAsync();
        Front?.Dispose();
        _notes.Dispose();
    }
}
