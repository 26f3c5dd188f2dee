using System.Globalization;
using System.Text.RegularExpressions;

namespace Broker.Tests.Support;

/// <summary>Consumer processes that run the test handlers' kinds under unique names. Their queues are deleted with them.</summary>
public sealed partial class ConsumerFleet : IAsyncDisposable
{
    private readonly FleetPlan _plan;

    private ConsumerFleet(FleetPlan plan, string url, RunningProgram program)
    {
        _plan = plan;
        Url = url;
        Program = program;
    }

    public string Url { get; }

    /// <summary>The consumer, or the supervisor of several.</summary>
    public RunningProgram Program { get; }

    /// <summary>The pids of the child processes, as logged by the supervisor, oldest first, including ended ones.</summary>
    public IReadOnlyList<int> ChildIds =>
        [.. ChildStarted().Matches(Program.Error.ToString()).Select(match => int.Parse(match.Groups["pid"].Value, CultureInfo.InvariantCulture))];

    /// <summary>Starts consumers and returns when all of them are ready.</summary>
    public static async Task<ConsumerFleet> StartAsync(FleetPlan plan)
    {
        var fleet = Launch(plan);
        try
        {
            await fleet.WaitUntilReadyAsync();
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts consumers and returns immediately.</summary>
    public static ConsumerFleet Launch(FleetPlan plan)
    {
        var url = plan.Url ?? TestBroker.Require();
        var environment = new Dictionary<string, string?>(plan.Environment) { ["TEST_KIND_SUFFIX"] = plan.Suffix };
        return new ConsumerFleet(plan, url, RunningProgram.Start(plan.Program ?? Programs.Consumer, plan.Arguments, Programs.Surroundings(url, environment), readError: plan.ErrorIsRead));
    }

    /// <summary>Waits until the process itself, not only one of its children, logs that it is ready.</summary>
    public Task WaitUntilReadyAsync() => Program.WaitForErrorAsync($"pid={Program.Id} ready in");

    /// <summary>The name of a kind of the handler DLL in this fleet.</summary>
    public string Kind(string name) => _plan.Kind(name);

    public async ValueTask DisposeAsync()
    {
        await Program.DisposeAsync();
        if (_plan.Url is null && _plan.KeepQueues == false)
            await QueueProbe.DeleteKindsAsync(Url, _plan.ServedKinds);
    }

    [GeneratedRegex(@"started child process (?<pid>\d+)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ChildStarted();
}

/// <summary>The settings of a fleet.</summary>
public sealed record FleetPlan
{
    /// <summary>Kinds of the handler DLL.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Built-in kinds.</summary>
    public IReadOnlyList<string> BuiltIn { get; init; } = [];

    public int? Processes { get; init; }

    public int Concurrency { get; init; } = 1;

    /// <summary>The suffix that makes the kinds of the handler DLL unique to this fleet.</summary>
    public string Suffix { get; init; } = NewSuffix();

    /// <summary>Another consumer than that of this version.</summary>
    public string? Program { get; init; }

    /// <summary>Another broker than the shared one.</summary>
    public string? Url { get; init; }

    public IReadOnlyList<string> More { get; init; } = [];

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether standard error is read. If not, no line can be waited for.</summary>
    public bool ErrorIsRead { get; init; } = true;

    /// <summary>Set if another fleet uses the same kinds later, or the broker ends with the test.</summary>
    public bool KeepQueues { get; init; }

    public static string NewSuffix() => Guid.NewGuid().ToString("N")[..8];

    public string Kind(string name) => $"{name}-{Suffix}";

    internal IReadOnlyList<string> ServedKinds => [.. Kinds.Select(Kind)];

    internal IEnumerable<string> Arguments =>
    [
        "--kinds", string.Join(',', [.. ServedKinds, .. BuiltIn]),
        "--concurrency", Concurrency.ToString(CultureInfo.InvariantCulture),
        .. Kinds.Count > 0 ? ["--handlers", Programs.HandlerDll()] : Array.Empty<string>(),
        .. Processes is { } count ? ["--processes", count.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
        .. More,
    ];
}
