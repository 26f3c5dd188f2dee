using System.Diagnostics;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_the_broker_of_a_lock_is_stopped
{
    [Fact]
    public async Task Its_holder_is_told_while_the_broker_stands_still_and_then_another_gets_it()
    {
        PrivateBroker.Require();
        await using var broker = await PrivateBroker.StartAsync();
        await using var client = new TokenClient(broker.Url);
        await using var other = new TokenClient(broker.Url);
        var hold = await client.Lock("a").AcquireAsync();
        var wait = other.Lock("a").AcquireAsync();
        await other.WaitersAsync(new("lock", "a", 1), 1);
        var still = Stopwatch.StartNew();
        var freezing = broker.FreezeAsync(TimeSpan.FromSeconds(20));
        await TokenClient.LostAsync(hold);
        TestContext.Current.TestOutputHelper?.WriteLine($"told after {still.Elapsed.TotalSeconds:0.0} s: {hold.LostReason}");
        Assert.False(freezing.IsCompleted);
        await freezing;
        await using var next = await wait.WaitAsync(RunningProgram.DefaultTimeout);
        Assert.True(next.Fence > hold.Fence);
    }

    [Fact]
    public async Task After_it_was_killed_one_of_those_who_waited_has_it()
    {
        PrivateBroker.Require();
        await using var broker = await PrivateBroker.StartAsync();
        await using var client = new TokenClient(broker.Url);
        await using var other = new TokenClient(broker.Url);
        var hold = await client.Lock("a").AcquireAsync();
        var waits = Enumerable.Range(0, 4).Select(number => (number % 2 == 0 ? client : other).Lock("a").AcquireAsync()).ToList();
        await other.WaitersAsync(new("lock", "a", 1), 4);
        await broker.KillAsync();
        await TokenClient.LostAsync(hold);
        await broker.StartAgainAsync();
        var last = hold.Fence;
        while (waits.Count > 0)
        {
            var first = await Task.WhenAny(waits).WaitAsync(RunningProgram.DefaultTimeout);
            waits.Remove(first);
            await using var next = await first;
            Assert.True(next.Fence > last);
            Assert.DoesNotContain(waits, wait => wait.IsCompleted);
            last = next.Fence;
        }
    }
}
