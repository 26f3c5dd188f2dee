using System.Text;
using Broker.Contracts;
using Broker.Pool;

namespace Broker.Tests.Chaos.Faults;

/// <summary>Handlers that end their process, hang, or return what cannot be sent, in the processes that run the load.</summary>
internal static class HandlerFaults
{
    public static IEnumerable<Fault> All =>
    [
        new("handler-exits", scene => BehaveAsync(scene, "exit", FailureTypes.Crashed)) { DeadLetters = 1 },
        new("handler-is-killed", scene => BehaveAsync(scene, "crash", FailureTypes.Crashed)) { DeadLetters = 1 },
        new("handler-throws-on-a-thread", scene => BehaveAsync(scene, "throw-on-a-thread", FailureTypes.Crashed)) { DeadLetters = 1 },
        new("handler-overflows-its-stack", scene => BehaveAsync(scene, "overflow", FailureTypes.Crashed)) { DeadLetters = 1 },
        new("handler-hangs", scene => BehaveAsync(scene, "hang", FailureTypes.TimedOut)) { DeadLetters = 1 },
        new("handler-blocks-its-thread", BlockAsync),
        new("handler-eats-memory", EatAsync) { Environment = new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = "10000000" }, DeadLetters = Eaters },
        new("process-grows", GrowAsync) { Arguments = ["--max-memory-per-process", "300MiB"] },
        new("result-cannot-be-written", UnwritableAsync) { Kinds = ["cyclic", "broken"], DeadLetters = 2 },
        new("poison-in-a-chunk", PoisonAsync) { DeadLetters = 1 },
    ];

    private const int Eaters = 4;

    /// <summary>Whom <see cref="BlockAsync"/> blocks: every slot of the kind.</summary>
    private const int Slots = 16;

    private static async Task BehaveAsync(Scene scene, string how, string failure)
    {
        var outcomes = await RunAsync(scene, "behave", [$"[\"{how}\",1]"], new BatchOptions { Attempts = 1, ItemTimeout = how == "hang" ? TimeSpan.FromSeconds(1) : null });
        Assert.Equal(failure, Assert.Single(outcomes).Failure?.Type);
    }

    private static async Task PoisonAsync(Scene scene)
    {
        var outcomes = await RunAsync(scene, "behave", Enumerable.Range(0, 100).Select(n => $"[\"{(n == 50 ? "crash" : "well")}\",{n}]"), new BatchOptions { Chunk = 100, Attempts = 1 });
        Assert.Equal(99, outcomes.Count(outcome => outcome.Failure is null));
        Assert.Equal(FailureTypes.Crashed, outcomes.Single(outcome => outcome.Index == 50).Failure?.Type);
    }

    /// <summary>
    /// All slots of a kind are blocked for longer than the broker waits for a sign of life: connections stand, jobs of another kind run, a cancellation and a question are heard.
    /// </summary>
    private static async Task BlockAsync(Scene scene)
    {
        const int Seconds = 40;
        var items = Enumerable.Range(0, Slots).Select(n => $"[\"{(n % 2 == 0 ? "block" : "block-on-a-task")}\",{Seconds}]");
        var blocked = RunAsync(scene, "behave", items, new BatchOptions { Chunk = 1, Attempts = 1 });
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(Seconds / 2));
        while ((await scene.Pool.Fleet.AskAsync(soon.Token)).Kinds.Single(kind => kind.Kind == scene.Kind("behave")).Served.Sum(kind => kind.Running) < Slots)
            await Task.Delay(TimeSpan.FromMilliseconds(200), soon.Token);

        const long Number = 3_000_000_000;
        var (id, _) = await scene.Pool.PublishAsync(scene.Kind("ledger"), Bodies([scene.Item(Number, milliseconds: 60_000)]), detached: true, cancellationToken: soon.Token);
        while (!scene.Runs().ContainsKey(Number))
            await Task.Delay(TimeSpan.FromMilliseconds(200), soon.Token);
        await scene.Pool.CancelAsync([id], soon.Token);
        var cancelled = await scene.Pool.Collect(id, new CollectOptions { Wait = true }).ReadAsync(soon.Token).ToListAsync(soon.Token);
        Assert.Equal(FailureTypes.Cancelled, Assert.Single(cancelled).Failure?.Type);
        var others = await RunAsync(scene, "ledger", Enumerable.Range(1, 200).Select(n => scene.Item(Number + n)), new BatchOptions { Chunk = 1 }).WaitAsync(soon.Token);
        Assert.All(others, outcome => Assert.Null(outcome.Failure));
        Assert.False(blocked.IsCompleted);

        Assert.All(await blocked, outcome => Assert.Equal(($"{Seconds}", 1), (outcome.ToString(), outcome.Run.Attempt)));
        Assert.DoesNotContain("lost", scene.Fleet.Program.Error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>
    /// Handlers that take memory until the runtime has none to give, in processes that run other jobs: what fails is theirs. Then some that keep what they take: a process that has no more
    /// to give is replaced, and their items succeed in others.
    /// </summary>
    private static async Task EatAsync(Scene scene)
    {
        var outcomes = await RunAsync(scene, "behave", Enumerable.Range(0, Eaters).Select(n => $"[\"eat\",{n}]"), new BatchOptions { Chunk = 1, Attempts = 1 });
        Assert.Equal(Eaters, outcomes.Count);
        Assert.All(outcomes, outcome => Assert.Contains(outcome.Failure?.Type, new[] { typeof(OutOfMemoryException).FullName, FailureTypes.Crashed }));
        var options = new BatchOptions { Chunk = 1, InFlight = 4, Attempts = 10, RetryDelay = TimeSpan.FromSeconds(1) };
        var kept = await RunAsync(scene, "behave", Enumerable.Repeat("[\"keep\",20]", 60), options);
        Assert.All(kept, outcome => Assert.Null(outcome.Failure));
    }

    /// <summary>A process that is as large as it may be is replaced, and that is no crash.</summary>
    private static async Task GrowAsync(Scene scene)
    {
        var outcomes = await RunAsync(scene, "behave", Enumerable.Repeat("[\"keep\",64]", 16), new BatchOptions { Chunk = 1, InFlight = 1, Attempts = 1 });
        Assert.All(outcomes, outcome => Assert.Null(outcome.Failure));
        Assert.InRange(outcomes.Select(outcome => outcome.Run.Worker.ProcessId).Distinct().Count(), 3, 16);
        Assert.DoesNotContain("a new one starts in", scene.Fleet.Program.Error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Another attempt would give the same: one is all that is made.</summary>
    private static async Task UnwritableAsync(Scene scene)
    {
        foreach (var kind in new[] { "cyclic", "broken" })
        {
            var outcome = Assert.Single(await RunAsync(scene, kind, ["{}"], new BatchOptions()));
            Assert.Equal((FailureTypes.BadResult, 1), (outcome.Failure?.Type, outcome.Run.Attempt));
        }
    }

    private static async Task<List<ItemOutcome>> RunAsync(Scene scene, string kind, IEnumerable<string> items, BatchOptions options) =>
        await scene.Pool.RunAsync(scene.Kind(kind), Bodies(items), options with { Deadline = TimeSpan.FromMinutes(3) }).ToListAsync();

    private static IAsyncEnumerable<ReadOnlyMemory<byte>> Bodies(IEnumerable<string> items) => items.Select(item => new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(item))).ToAsyncEnumerable();
}
