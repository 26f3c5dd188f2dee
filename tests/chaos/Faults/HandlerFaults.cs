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
        new("poison-in-a-chunk", PoisonAsync) { DeadLetters = 1 },
    ];

    private static async Task BehaveAsync(Scene scene, string how, string failure)
    {
        var outcomes = await RunAsync(scene, [$"[\"{how}\",1]"], new BatchOptions { Attempts = 1, ItemTimeout = how == "hang" ? TimeSpan.FromSeconds(1) : null });
        Assert.Equal(failure, Assert.Single(outcomes).Failure?.Type);
    }

    private static async Task PoisonAsync(Scene scene)
    {
        var outcomes = await RunAsync(scene, Enumerable.Range(0, 100).Select(n => $"[\"{(n == 50 ? "crash" : "well")}\",{n}]"), new BatchOptions { Chunk = 100, Attempts = 1 });
        Assert.Equal(99, outcomes.Count(outcome => outcome.Failure is null));
        Assert.Equal(FailureTypes.Crashed, outcomes.Single(outcome => outcome.Index == 50).Failure?.Type);
    }

    private static async Task<List<ItemOutcome>> RunAsync(Scene scene, IEnumerable<string> items, BatchOptions options)
    {
        var bodies = items.Select(item => new ReadOnlyMemory<byte>(System.Text.Encoding.UTF8.GetBytes(item))).ToAsyncEnumerable();
        return await scene.Pool.RunAsync(scene.Kind("behave"), bodies, options with { Deadline = TimeSpan.FromMinutes(3) }).ToListAsync();
    }
}
