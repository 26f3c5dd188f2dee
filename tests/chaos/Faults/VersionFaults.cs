using System.Globalization;
using Broker.Tests.Support;

namespace Broker.Tests.Chaos.Faults;

/// <summary>Programs of another version beside those of this one, on the same queues.</summary>
internal static class VersionFaults
{
    private const string Variable = "BROKER_CHAOS_OTHER_BIN";

    private const int Items = 400;

    /// <summary>What a child takes to be ready, on a busy machine.</summary>
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);

    private static readonly string? Others = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    public static IEnumerable<Fault> All =>
    [
        new("mixed-versions", MixAsync) { DeadLetters = 2, LeftOut = Missing },
        new("upgraded-in-place", UpgradeAsync) { LeftOut = Missing },
    ];

    private static string? Missing =>
        Others is null ? $"left out: there are no programs of another version ({Variable} is not set; ./broker chaos --other FOLDER sets it)" : null;

    /// <summary>
    /// Either version's consumers run what either version's producers send, retries and failures too, until those of the other version are stopped, as at the end of an upgrade.
    /// </summary>
    private static async Task MixAsync(Scene scene)
    {
        await using var fleet = await scene.StartOthersAsync(Path.Combine(Others!, "consumer"));
        await Task.WhenAll(UseAsync(scene, Path.Combine(Others!, "producer"), 2_000_000_000), UseAsync(scene, Programs.Producer, 2_100_000_000));
        fleet.Program.Signal("TERM");
        Assert.Equal(0, (await fleet.Program.EndAsync()).ExitCode);
        Assert.All(fleet.ChildIds.Concat(scene.Fleet.ChildIds), child => Assert.True(scene.HasRun(child), $"process {child} ran nothing"));
    }

    /// <summary>A supervisor of the other version whose program is replaced while it runs: the children that it starts from then on are of this one.</summary>
    private static async Task UpgradeAsync(Scene scene)
    {
        using var folder = new TestFolder();
        var installed = Path.Combine(folder.Path, "bin");
        await CopyAsync(Others!, installed);
        await using var fleet = await scene.StartOthersAsync(Path.Combine(installed, "consumer"));
        Directory.Move(installed, Path.Combine(folder.Path, "before"));
        await CopyAsync(Path.GetDirectoryName(Programs.Consumer)!, installed);
        var before = fleet.ChildIds;
        foreach (var child in before)
            RunningProgram.Signal(child, "KILL");
        using var limit = new CancellationTokenSource(Start);
        while (fleet.ChildIds.Count(scene.HasRun) < 2 * before.Count)
            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        fleet.Program.Signal("TERM");
        Assert.Equal(0, (await fleet.Program.EndAsync()).ExitCode);
    }

    private static async Task CopyAsync(string from, string to)
    {
        await using var copy = RunningProgram.Start("/bin/cp", ["-a", from, to]);
        Assert.Equal(0, (await copy.EndAsync()).ExitCode);
    }

    private static async Task UseAsync(Scene scene, string program, long first)
    {
        var items = Enumerable.Range(0, Items).Select(n => scene.Item(first + n));
        await using var map = Programs.StartProducer(["map", scene.Kind("ledger"), "--chunk", "1", .. items], scene.Url, program: program);
        await using var failing = Programs.StartProducer(["map", scene.Kind("behave"), "--attempts", "4", "--delay", "1s", "[\"fail\",1]"], scene.Url, program: program);
        var end = await map.EndAsync();
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        Assert.Equal(Enumerable.Range(0, Items).Select(n => (2 * (first + n)).ToString(CultureInfo.InvariantCulture)), end.OutputLines);
        var failed = await failing.EndAsync();
        Assert.True(failed.ExitCode == 1, $"{program} ended with {failed}");
    }
}
