using Broker.Primitives;
using Broker.Primitives.Tokens;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_lock_is_acquired : IAsyncLifetime
{
    private readonly string _name = TokenClient.NewName();
    private TokenClient? _client;
    private TokenClient? _other;

    private TokenClient Client => _client!;

    private BrokerLock Lock => Client.Lock(_name);

    private BrokerLock Other => _other!.Lock(_name);

    private TokenSet Set => new("lock", _name, 1);

    public ValueTask InitializeAsync()
    {
        TestBroker.Require();
        (_client, _other) = (new TokenClient(), new TokenClient());
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_other is not null)
            await _other.DisposeAsync();
    }

    [Fact]
    public async Task It_is_held_by_one_until_it_is_released()
    {
        var hold = await Lock.TryAcquireAsync();
        Assert.NotNull(hold);
        Assert.Null(await Lock.TryAcquireAsync());
        Assert.Null(await Other.TryAcquireAsync());
        await using (await Client.Lock(_name + "2").TryAcquireAsync())
            Assert.NotNull(await Client.Lock(_name.ToUpperInvariant()).TryAcquireAsync());
        await hold.DisposeAsync();
        Assert.False(hold.LostToken.IsCancellationRequested);
        Assert.Null(hold.LostReason);
        // By another connection, at once: the broker has seen the release.
        await using var next = await Other.TryAcquireAsync();
        Assert.NotNull(next);
        Assert.True(next.Fence > hold.Fence);
        // Does nothing to the next holder.
        await hold.DisposeAsync();
        Assert.Null(await Lock.TryAcquireAsync());
    }

    [Fact]
    public async Task Its_number_grows_with_each_hold()
    {
        var last = 0L;
        for (var round = 0; round < 20; round++)
        {
            await using var hold = await (round % 2 == 0 ? Lock : Other).AcquireAsync();
            Assert.True(hold.Fence > last, $"{hold.Fence} after {last}");
            Assert.Equal(0, hold.Permit);
            last = hold.Fence;
        }
    }

    [Fact]
    public async Task Those_who_wait_are_served_in_order_although_some_give_up()
    {
        var hold = await Lock.AcquireAsync();
        using var givingUp = new CancellationTokenSource();
        var order = new List<int>();
        var waits = new List<Task>();
        for (var number = 0; number < 6; number++)
        {
            waits.Add(WaitAsync(number));
            await Client.WaitersAsync(Set, number + 1);
        }

        await givingUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits[1]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits[4]);
        await Client.WaitersAsync(Set, 4);
        await hold.DisposeAsync();
        foreach (var number in new[] { 0, 2, 3, 5 })
            await waits[number].WaitAsync(RunningProgram.DefaultTimeout);
        Assert.Equal([0, 2, 3, 5], order);

        async Task WaitAsync(int number)
        {
            await using var mine = await (number % 2 == 0 ? Lock : Other).AcquireAsync(cancellationToken: number is 1 or 4 ? givingUp.Token : default);
            order.Add(number);
        }
    }

    [Fact]
    public async Task A_wait_that_ends_leaves_nothing()
    {
        var hold = await Lock.AcquireAsync();
        var timeout = TimeSpan.FromMilliseconds(100);
        for (var round = 0; round < 5; round++)
        {
            Assert.Null(await Other.TryAcquireAsync(timeout));
            await Assert.ThrowsAsync<TimeoutException>(() => Lock.AcquireAsync(timeout));
            using var cancel = new CancellationTokenSource(timeout);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Other.AcquireAsync(cancellationToken: cancel.Token));
        }

        await Client.WaitersAsync(Set, 0);
        await hold.DisposeAsync();
        await using var next = await Other.TryAcquireAsync();
        Assert.NotNull(next);
    }

    [Fact]
    public async Task Waits_that_end_just_when_it_is_released_lose_no_permit()
    {
        var random = new Random(1);
        for (var round = 0; round < 60; round++)
        {
            var hold = await Lock.AcquireAsync();
            using var cancel = new CancellationTokenSource();
            var wait = Other.AcquireAsync(cancellationToken: cancel.Token);
            await Client.WaitersAsync(Set, 1);
            cancel.CancelAfter(TimeSpan.FromMicroseconds(random.Next(3000)));
            await hold.DisposeAsync();
            try
            {
                await (await wait).DisposeAsync();
            }
            catch (OperationCanceledException)
            {
                // The wait ended first.
            }
        }

        await using var last = await Lock.AcquireAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_timeout_that_is_none_is_refused_at_once()
    {
        foreach (var timeout in new[] { TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(int.MaxValue) })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Lock.AcquireAsync(timeout); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Lock.TryAcquireAsync(timeout); });
        }
    }

    [Fact]
    public async Task Its_holder_and_those_who_wait_are_shown()
    {
        Assert.Equal((1, 0, 0), Counts(await Lock.GetStatusAsync()));
        var before = DateTimeOffset.UtcNow;
        var hold = await Lock.AcquireAsync();
        var wait = Other.AcquireAsync();
        await Client.WaitersAsync(Set, 1);
        BrokerPermitStatus status;
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while ((status = await Other.GetStatusAsync(limit.Token)).Holders.Count == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        Assert.Equal((0, 1, 1), Counts(status));
        var holder = Assert.Single(status.Holders);
        Assert.Equal((Environment.MachineName, Environment.ProcessId, hold.Fence, 0), (holder.Host, holder.ProcessId, holder.Fence, holder.Permit));
        Assert.InRange(holder.Since, before, DateTimeOffset.UtcNow);
        await hold.DisposeAsync();
        await (await wait).DisposeAsync();
        Assert.Equal((1, 0, 0), Counts(await Lock.GetStatusAsync()));
    }

    [Fact]
    public async Task A_hundred_who_want_it_get_it_one_after_the_other()
    {
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            await using var hold = await (number % 2 == 0 ? Lock : Other).AcquireAsync();
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Delay(2);
            Interlocked.Decrement(ref inside);
        })).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, most);
    }

    private static (int Free, int Waiting, int Holders) Counts(BrokerPermitStatus status) => (status.Free, status.Waiting, status.Holders.Count);
}
