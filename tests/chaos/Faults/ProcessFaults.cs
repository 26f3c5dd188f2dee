using Broker.Tests.Support;

namespace Broker.Tests.Chaos.Faults;

/// <summary>Consumers and producers that are killed, stopped and frozen.</summary>
internal static class ProcessFaults
{
    /// <summary>Longer than the broker waits for a sign of life.</summary>
    private static readonly TimeSpan FrozenFor = TimeSpan.FromSeconds(90);

    public static IEnumerable<Fault> All =>
    [
        new("child-killed", scene => SignalAsync("KILL", scene.LivingChildren()[..1])) { Quick = true },
        new("child-terminated", scene => SignalAsync("TERM", scene.LivingChildren()[..1])) { Quick = true },
        new("two-children-killed", scene => SignalAsync("KILL", scene.LivingChildren())),
        new("child-frozen-90s", scene => FreezeAsync(scene.LivingChildren()[0])),
        new("supervisor-killed", SupervisorKilledAsync),
        new("scale-in", ScaleInAsync) { Processes = 8 },
        new("rolling-restart", RollingRestartAsync),
        new("producer-killed", scene => WithProducerAsync(scene, seconds: 4, async producer =>
        {
            producer.Signal("KILL");
            await scene.Fleet.Program.WaitForErrorAsync("their caller has been gone for a minute", TimeSpan.FromMinutes(2));
        })),
        new("producer-terminated", scene => WithProducerAsync(scene, seconds: 1, async producer =>
        {
            producer.Signal("TERM");
            Assert.Equal(130, (await producer.EndAsync()).ExitCode);
        })) { Quick = true },
        new("producer-frozen-90s", scene => WithProducerAsync(scene, seconds: 0, async producer =>
        {
            await FreezeAsync(producer.Id);
            var end = await producer.EndAsync(TimeSpan.FromMinutes(2));
            Assert.Equal((0, ProducerItems), (end.ExitCode, end.OutputLines.Distinct().Count()));
        })),
    ];

    private const int ProducerItems = 400;

    private static Task SignalAsync(string signal, IReadOnlyList<int> processes)
    {
        foreach (var process in processes)
            RunningProgram.Signal(process, signal);
        return Task.CompletedTask;
    }

    private static async Task FreezeAsync(int process)
    {
        RunningProgram.Signal(process, "STOP");
        await Task.Delay(FrozenFor);
        RunningProgram.Signal(process, "CONT");
    }

    private static async Task SupervisorKilledAsync(Scene scene)
    {
        scene.Fleet.Program.Kill();
        await scene.Fleet.Program.EndAsync();
        await scene.StartFleetAsync();
    }

    private static async Task ScaleInAsync(Scene scene)
    {
        var before = scene.Fleet.Program;
        await scene.StartFleetAsync(processes: 1);
        before.Signal("TERM");
        Assert.Equal(0, (await before.EndAsync()).ExitCode);
    }

    private static async Task RollingRestartAsync(Scene scene)
    {
        for (var round = 0; round < 3; round++)
        {
            var before = scene.Fleet.Program;
            await scene.StartFleetAsync();
            before.Signal("TERM");
            Assert.Equal(0, (await before.EndAsync()).ExitCode);
        }
    }

    /// <summary>Another producer beside the load, with jobs of its own.</summary>
    private static async Task WithProducerAsync(Scene scene, int seconds, Func<RunningProgram, Task> useAsync)
    {
        var items = Enumerable.Range(0, ProducerItems).Select(n => scene.Item(2_000_000_000 + n, milliseconds: 50 + (1000 * seconds)));
        await using var producer = Programs.StartProducer(["map", scene.Kind("ledger"), "--chunk", "1", "-j", "1000", .. items], scene.Url);
        await producer.WaitForOutputAsync(text => text.Length > 0, "a first result");
        await useAsync(producer);
    }
}
