namespace Broker.Tests.Support;

/// <summary>A private RabbitMQ of one test, which it may stop, restart and kill.</summary>
public sealed class PrivateBroker : IAsyncDisposable
{
    private const string Variable = "BROKER_TEST_PRIVATE_BROKER";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(100);

    private readonly TestFolder _folder = new();

    private PrivateBroker()
    {
    }

    public string Url { get; private set; } = "";

    /// <summary>Whether the package rabbitmq-server is installed in the folder that the script expects.</summary>
    internal static bool IsInstalled { get; } = File.Exists(Path.Combine(
        Environment.GetEnvironmentVariable("RABBITMQ_SERVER_BIN") is { Length: > 0 } folder ? folder : "/usr/lib/rabbitmq/bin", "rabbitmq-server"));

    public static bool CanBeStarted => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>Skips the test, or fails it, if no RabbitMQ can be started.</summary>
    public static void Require() => _ = Script;

    /// <summary>Starts one.</summary>
    /// <param name="advanced">Its <c>advanced.config</c>; null for none.</param>
    /// <param name="plugins">Its <c>enabled_plugins</c>, an Erlang list; null for none.</param>
    public static async Task<PrivateBroker> StartAsync(string? advanced = null, string? plugins = null)
    {
        Require();
        var broker = new PrivateBroker();
        if (advanced is not null)
            broker._folder.Write("advanced.config", advanced);
        if (plugins is not null)
            broker._folder.Write("enabled_plugins", plugins);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Starts it with its previous data; returns when it answers.</summary>
    public async Task StartAgainAsync() => Url = await RunAsync("start", []);

    public Task StopAsync() => RunAsync("stop", []);

    /// <summary>
    /// <c>kill -9</c> of the broker. RabbitMQ 3.10 leaves a quorum queue without a leader when all its nodes are killed within seconds of its
    /// declaration; no signal tells when that is over, so this waits.
    /// </summary>
    public async Task KillAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(6));
        await RunAsync("kill", []);
    }

    /// <summary>Stops all its threads for a time: connections stay, and nothing is answered.</summary>
    public async Task FreezeAsync(TimeSpan duration)
    {
        var process = int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.Path, "rabbitmq.pid")), System.Globalization.CultureInfo.InvariantCulture);
        RunningProgram.Signal(process, "STOP");
        await Task.Delay(duration);
        RunningProgram.Signal(process, "CONT");
    }

    /// <summary>Runs <c>rabbitmqctl</c> on it.</summary>
    public Task<string> ControlAsync(params string[] arguments) => RunAsync("ctl", arguments);

    /// <summary>The address that it will have, while it is not running.</summary>
    public async Task<string> UrlWhileDownAsync() => await RunAsync("url", []);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("stop", []);
        _folder.Dispose();
    }

    /// <summary>The script that starts private brokers.</summary>
    internal static string Script => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } script
        ? script
        : throw TestBroker.Missing($"left out: no private RabbitMQ can be started ({Variable} is not set; ./broker test sets it)");

    /// <summary>Runs a script to its end.</summary>
    /// <returns>What it wrote.</returns>
    internal static async Task<string> RunScriptAsync(string script, params string[] arguments)
    {
        await using var running = RunningProgram.Start(script, arguments);
        var end = await running.EndAsync(Timeout);
        return end.ExitCode == 0 ? end.Output.Trim() : throw new InvalidOperationException($"{script} {string.Join(' ', arguments)} ended with {end}");
    }

    private Task<string> RunAsync(string command, IEnumerable<string> arguments) => RunScriptAsync(Script, [command, _folder.Path, .. arguments]);
}
