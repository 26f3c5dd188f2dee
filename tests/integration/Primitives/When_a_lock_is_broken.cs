using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_lock_is_broken
{
    private readonly string _name = TokenClient.NewName();

    [Fact]
    public async Task Its_holder_is_told_and_another_gets_it()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var other = new TokenClient();
        Assert.False(await other.Lock(_name).BreakAsync());
        var hold = await client.Lock(_name).AcquireAsync();
        var wait = other.Lock(_name).AcquireAsync();
        Assert.True(await other.Lock(_name).BreakAsync());
        await TokenClient.LostAsync(hold);
        Assert.Contains("broken", hold.LostReason, StringComparison.Ordinal);
        await using var next = await wait.WaitAsync(RunningProgram.DefaultTimeout);
        Assert.True(next.Fence > hold.Fence);
        // What the first one returns is void.
        await hold.DisposeAsync();
        Assert.Null(await client.Lock(_name).TryAcquireAsync());
        Assert.Null(await other.Lock(_name).TryAcquireAsync());
    }

    [Fact]
    public async Task A_semaphore_gets_another_number_of_permits()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        var hold = await client.Semaphore(_name, 1).AcquireAsync();
        Assert.True(await client.Semaphore(_name, 3).BreakAsync());
        await TokenClient.LostAsync(hold);
        for (var permit = 0; permit < 3; permit++)
            Assert.NotNull(await client.Semaphore(_name, 3).TryAcquireAsync(TimeSpan.FromSeconds(5)));
        Assert.Null(await client.Semaphore(_name, 3).TryAcquireAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.Semaphore(_name, 1).TryAcquireAsync());
    }

    [Fact]
    public async Task By_many_at_once_it_is_still_one_lock()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var other = new TokenClient();
        await (await client.Lock(_name).AcquireAsync()).DisposeAsync();
        for (var round = 0; round < 5; round++)
            await Task.WhenAll(Enumerable.Range(0, 6).Select(number => (number % 2 == 0 ? client : other).Lock(_name).BreakAsync()));
        await using var hold = await client.Lock(_name).AcquireAsync(RunningProgram.DefaultTimeout);
        for (var look = 0; look < 20; look++)
            Assert.Null(await other.Lock(_name).TryAcquireAsync());
    }
}
