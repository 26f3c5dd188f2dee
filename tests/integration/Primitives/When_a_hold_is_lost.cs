using System.Diagnostics;
using Broker.Primitives;
using Broker.Primitives.Tokens;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_hold_is_lost : IAsyncLifetime
{
    private readonly string _name = TokenClient.NewName();
    private BrokerFront? _front;
    private TokenClient? _client;
    private TokenClient? _other;

    private BrokerLock Lock => _client!.Lock(_name);

    private BrokerLock Other => _other!.Lock(_name);

    private BrokerFront Front => _front!;

    public ValueTask InitializeAsync()
    {
        _front = new BrokerFront();
        (_client, _other) = (new TokenClient(_front.Url), new TokenClient());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_other is not null)
            await _other.DisposeAsync();
        _front?.Dispose();
    }

    [Fact]
    public async Task With_its_connection_it_is_told_and_another_gets_it()
    {
        var hold = await Lock.AcquireAsync();
        var next = Other.AcquireAsync();
        await _other!.WaitersAsync(new TokenSet("lock", _name, 1), 1);
        Front.Cut();
        await TokenClient.LostAsync(hold);
        Assert.NotNull(hold.LostReason);
        await using var held = await next.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.True(held.Fence > hold.Fence);
        // Nothing of the next holder's.
        await hold.DisposeAsync();
        Assert.Null(await Other.TryAcquireAsync());
        // A late listener is told at once.
        await TokenClient.LostAsync(hold);
    }

    [Fact]
    public async Task A_wait_outlasts_its_connection()
    {
        var hold = await Other.AcquireAsync();
        var wait = Lock.AcquireAsync();
        var timed = Lock.TryAcquireAsync(TimeSpan.FromSeconds(2));
        var set = new TokenSet("lock", _name, 1);
        await _other!.WaitersAsync(set, 2);
        Front.Refuse();
        await _other.WaitersAsync(set, 0);
        Front.Allow();
        await _other.WaitersAsync(set, 2);
        Assert.Null(await timed);
        await hold.DisposeAsync();
        await using var held = await wait.WaitAsync(RunningProgram.DefaultTimeout);
    }

    [Fact]
    public async Task It_is_told_although_the_network_is_silent_and_before_another_gets_it()
    {
        var hold = await Lock.AcquireAsync();
        var next = Other.AcquireAsync();
        var silent = Stopwatch.StartNew();
        Front.Silence();
        await TokenClient.LostAsync(hold);
        var told = silent.Elapsed;
        Assert.Contains("did not answer", hold.LostReason, StringComparison.Ordinal);
        Assert.False(next.IsCompleted);
        // Does not wait for what does not answer.
        await hold.DisposeAsync();
        await using var held = await next.WaitAsync(TimeSpan.FromSeconds(40));
        Assert.True(held.Fence > hold.Fence);
        TestContext.Current.TestOutputHelper?.WriteLine($"told after {told.TotalSeconds:0.0} s, the next has it after {silent.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(told.TotalSeconds, 2, 12);
    }

    [Fact]
    public async Task With_its_queue_it_is_told_and_the_lock_works_on()
    {
        var hold = await Lock.AcquireAsync();
        await using var probe = await QueueProbe.OpenAsync();
        await probe.DeleteAsync(Names.TokenQueue("lock", _name));
        await TokenClient.LostAsync(hold);
        await using var next = await Other.AcquireAsync(RunningProgram.DefaultTimeout);
        Assert.True(next.Fence > hold.Fence);
        Assert.Null(await Lock.TryAcquireAsync());
    }

    [Fact]
    public async Task Those_who_wait_on_a_queue_that_is_deleted_get_the_lock_one_after_the_other()
    {
        var hold = await Lock.AcquireAsync();
        var inside = 0;
        var waits = Enumerable.Range(0, 10).Select(async number =>
        {
            await using var mine = await (number % 2 == 0 ? Lock : Other).AcquireAsync();
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Delay(5);
            Interlocked.Decrement(ref inside);
        }).ToList();
        await _other!.WaitersAsync(new TokenSet("lock", _name, 1), 10);
        await using var probe = await QueueProbe.OpenAsync();
        await probe.DeleteAsync(Names.TokenQueue("lock", _name));
        await Task.WhenAll(waits).WaitAsync(RunningProgram.DefaultTimeout);
        await TokenClient.LostAsync(hold);
    }

    [Fact]
    public async Task A_hold_that_is_long_and_quiet_is_kept()
    {
        await using var hold = await Lock.AcquireAsync();
        await using var permit = await _client!.Semaphore(_name, 2).AcquireAsync();
        // Two rounds of the leaders' proof.
        await Task.Delay(TimeSpan.FromSeconds(11));
        Assert.False(hold.LostToken.IsCancellationRequested, hold.LostReason);
        Assert.False(permit.LostToken.IsCancellationRequested, permit.LostReason);
        Assert.Null(await Other.TryAcquireAsync());
        await using var second = await _other!.Semaphore(_name, 2).AcquireAsync();
        Assert.NotEqual(permit.Permit, second.Permit);
    }

    [Fact]
    public async Task By_the_end_of_its_client_it_is_free()
    {
        var hold = await Lock.AcquireAsync();
        var next = Other.AcquireAsync();
        await _client!.DisposeAsync();
        await using var held = await next.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.True(held.Fence > hold.Fence);
    }
}
