namespace Broker.Tests.Support;

/// <summary>A private RabbitMQ cluster of three nodes, numbered from 1, which a test may stop, kill and cut off one by one.</summary>
public sealed class PrivateCluster : IAsyncDisposable
{
    private readonly TestFolder _folder = new();

    private PrivateCluster()
    {
    }

    public static IReadOnlyList<int> Nodes { get; } = [1, 2, 3];

    /// <summary>The addresses of all nodes.</summary>
    public string Url { get; private set; } = "";

    public static async Task<PrivateCluster> StartAsync()
    {
        var cluster = new PrivateCluster();
        cluster.Url = await cluster.RunAsync("start");
        return cluster;
    }

    /// <summary>The address of one node.</summary>
    public Task<string> UrlOfAsync(int node) => RunAsync("url", node);

    /// <summary>Starts a node again with its previous data; returns when it answers, and the others know it.</summary>
    public async Task StartAgainAsync(int node)
    {
        await RunAsync("start", node);
        await ControlAsync(node, "-q", "await_online_nodes", $"{Nodes.Count}");
    }

    /// <summary>A clean stop of a node.</summary>
    public Task StopAsync(int node) => RunAsync("halt", node);

    /// <summary><c>kill -9</c> of a node.</summary>
    public Task KillAsync(int node) => RunAsync("kill", node);

    /// <summary>Cuts a node off from the others, and them from it; clients still reach all.</summary>
    public Task IsolateAsync(int node) => EvaluateAsync(node, $"[begin erlang:set_cookie(N, other), erlang:disconnect_node(N) end || N <- {OthersOf(node)}]");

    /// <summary>Undoes <see cref="IsolateAsync"/>.</summary>
    public Task HealAsync(int node) => EvaluateAsync(node, $"[erlang:set_cookie(N, erlang:get_cookie()) || N <- {OthersOf(node)}]");

    /// <summary>The node that leads a quorum queue, as another one knows it.</summary>
    public async Task<int> LeaderOfAsync(string queue) =>
        int.Parse((await EvaluateAsync(Nodes[0], $"{Lookup(queue)}, {{_, Leader}} = amqqueue:get_pid(Q), io:format(\"~s\", [Leader])"))[1..2], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Has a node lead a quorum queue.</summary>
    public async Task LeadAsync(int node, string queue)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (await LeaderOfAsync(queue) != node)
        {
            await EvaluateAsync(Nodes[0], $"{Lookup(queue)}, {{Name, Leader}} = amqqueue:get_pid(Q), ra:transfer_leadership({{Name, Leader}}, {{Name, 'n{node}@localhost'}})");
            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        }
    }

    /// <summary>Waits until no quorum queue would lose its majority with a node, as a rolling upgrade does before it stops one.</summary>
    public Task WaitForSafetyAsync(int node) => EvaluateAsync(node, "true = rabbit_upgrade_preparation:await_online_quorum_plus_one(60000)");

    /// <summary>Has every client connect to one node.</summary>
    public async Task GatherAsync(int node)
    {
        var others = Nodes.Where(other => other != node).ToList();
        foreach (var other in others)
            await ControlAsync(other, "suspend_listeners");
        foreach (var other in others)
            await ControlAsync(other, "close_all_connections", "gathered at one node");
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while ((await ControlAsync(node, "-q", "list_connections", "--no-table-headers", "pid")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Any(at => !at.Contains($"n{node}@", StringComparison.Ordinal)))
            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        foreach (var other in others)
            await ControlAsync(other, "resume_listeners");
    }

    /// <summary>Runs <c>rabbitmqctl</c> on a node.</summary>
    public Task<string> ControlAsync(int node, params string[] arguments) => RunAsync("ctl", node, arguments);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("stop");
        _folder.Dispose();
    }

    private static string OthersOf(int node) => $"[{string.Join(", ", Nodes.Where(other => other != node).Select(other => $"'n{other}@localhost'"))}]";

    private static string Lookup(string queue) => $"{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>))";

    private Task<string> EvaluateAsync(int node, string expression) => ControlAsync(node, "-q", "eval", $"{expression}.");

    private Task<string> RunAsync(string command, int? node = null, params string[] arguments) => PrivateBroker.RunScriptAsync(
        Path.Combine(Path.GetDirectoryName(PrivateBroker.Script)!, "private-cluster.sh"), [command, _folder.Path, .. node is { } number ? [$"{number}"] : Array.Empty<string>(), .. arguments]);
}
