using Broker.Primitives;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_lock_is_reentrant : IAsyncLifetime
{
    private readonly string _name = TokenClient.NewName();
    private TokenClient? _client;

    private TokenClient Client => _client!;

    public ValueTask InitializeAsync()
    {
        TestBroker.Require();
        _client = new TokenClient();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
    }

    [Fact]
    public async Task Its_owner_acquires_it_again_and_it_is_free_after_as_many_releases()
    {
        var reentrant = new BrokerReentrantLock(Client.Kernel, _name);
        var holds = new[] { await reentrant.AcquireAsync(), await reentrant.AcquireAsync(), (await reentrant.TryAcquireAsync())! };
        Assert.Single(holds.Select(hold => hold.Fence).Distinct());
        foreach (var hold in holds)
        {
            Assert.Null(await Client.Lock(_name).TryAcquireAsync());
            await hold.DisposeAsync();
            await hold.DisposeAsync();
        }

        await using var free = await Client.Lock(_name).TryAcquireAsync();
        Assert.NotNull(free);
        Assert.Null(await reentrant.TryAcquireAsync());
    }

    [Fact]
    public async Task Another_flow_neither_gets_it_nor_releases_it()
    {
        var reentrant = new BrokerReentrantLock(Client.Kernel, _name);
        await Assert.ThrowsAsync<SynchronizationLockException>(async () => await reentrant.ReleaseAsync());
        var acquired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var owner = Task.Run(async () =>
        {
            await reentrant.AcquireAsync();
            acquired.SetResult();
            await release.Task;
            await reentrant.ReleaseAsync();
            await Assert.ThrowsAsync<SynchronizationLockException>(async () => await reentrant.ReleaseAsync());
        });
        await acquired.Task.WaitAsync(RunningProgram.DefaultTimeout);
        Assert.Null(await reentrant.TryAcquireAsync());
        await Assert.ThrowsAsync<SynchronizationLockException>(async () => await reentrant.ReleaseAsync());
        release.SetResult();
        await owner;
        await using var hold = await reentrant.TryAcquireAsync();
        Assert.NotNull(hold);
    }

    [Fact]
    public async Task Flows_that_were_started_under_an_earlier_hold_exclude_each_other()
    {
        var reentrant = new BrokerReentrantLock(Client.Kernel, _name);
        var inside = 0;
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        List<Task> flows;
        await using (await reentrant.AcquireAsync())
        {
            flows = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            {
                await begin.Task;
                await using var hold = await reentrant.AcquireAsync();
                Assert.Equal(1, Interlocked.Increment(ref inside));
                await Task.Delay(5);
                Interlocked.Decrement(ref inside);
            }))];
        }

        begin.SetResult();
        await Task.WhenAll(flows).WaitAsync(RunningProgram.DefaultTimeout);
    }

    [Fact]
    public async Task A_hold_that_a_method_returns_is_released_by_its_caller()
    {
        var reentrant = new BrokerReentrantLock(Client.Kernel, _name);
        await using (await AcquireAsync())
            Assert.Null(await Client.Lock(_name).TryAcquireAsync());
        await using var hold = await Client.Lock(_name).TryAcquireAsync();
        Assert.NotNull(hold);

        async Task<BrokerHold> AcquireAsync() => await reentrant.AcquireAsync();
    }
}
