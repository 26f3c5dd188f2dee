using Broker.Primitives.Tokens;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_semaphore_is_shared
{
    private readonly string _name = TokenClient.NewName();

    [Fact]
    public async Task Never_more_are_inside_than_there_are_permits()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var other = new TokenClient();
        var inside = 0;
        var seen = new int[101];
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            await using var hold = await (number % 2 == 0 ? client : other).Semaphore(_name, 10).AcquireAsync();
            var now = Interlocked.Increment(ref inside);
            Interlocked.Increment(ref seen[now]);
            if (now == 10)
                full.TrySetResult();
            // None goes before all permits were used at once.
            await full.Task;
            Interlocked.Decrement(ref inside);
        })).WaitAsync(RunningProgram.DefaultTimeout);
        Assert.Equal(0, inside);
        Assert.All(seen.Skip(11), count => Assert.Equal(0, count));
    }

    [Fact]
    public async Task It_can_be_drained_and_each_release_frees_one()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var other = new TokenClient();
        var holds = new List<Broker.Primitives.BrokerHold>();
        for (var permit = 0; permit < 4; permit++)
            holds.Add((await (permit % 2 == 0 ? client : other).Semaphore(_name, 4).TryAcquireAsync())!);
        Assert.Equal([0, 1, 2, 3], holds.Select(hold => hold.Permit).Order());
        Assert.Null(await other.Semaphore(_name, 4).TryAcquireAsync());
        await holds[1].DisposeAsync();
        var again = await client.Semaphore(_name, 4).TryAcquireAsync();
        Assert.Equal(holds[1].Permit, again!.Permit);
        Assert.True(again.Fence > holds[1].Fence);
        Assert.Null(await other.Semaphore(_name, 4).TryAcquireAsync());
    }

    [Fact]
    public async Task The_permits_of_one_who_is_gone_are_free()
    {
        using var front = new BrokerFront();
        await using var client = new TokenClient(front.Url);
        await using var other = new TokenClient();
        var holds = new List<Broker.Primitives.BrokerHold>();
        for (var permit = 0; permit < 3; permit++)
            holds.Add(await client.Semaphore(_name, 3).AcquireAsync());
        front.Refuse();
        foreach (var hold in holds)
            await TokenClient.LostAsync(hold);
        for (var permit = 0; permit < 3; permit++)
            await other.Semaphore(_name, 3).AcquireAsync(RunningProgram.DefaultTimeout);
        Assert.Equal((0, 3), await other.Kernel.CountAsync(new TokenSet("semaphore", _name, 3), CancellationToken.None));
    }
}
