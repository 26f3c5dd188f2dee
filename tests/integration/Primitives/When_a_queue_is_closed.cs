using Broker.Primitives;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_queue_is_closed : TwoProcesses
{
    public static TheoryData<int?, bool> Kinds => [(null, false), (5, false), (null, true), (5, true)];

    public override async ValueTask DisposeAsync()
    {
        await using (var probe = await QueueProbe.OpenAsync())
            await probe.DeleteAsync(Names.ItemQueue(Name));
        await base.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_in_it_can_be_got_and_then_all_are_told(int? maxSize, bool joinable)
    {
        var options = new BrokerQueueOptions { MaxSize = maxSize, Joinable = joinable };
        var (here, there) = (One.Queue<int>(Name, options), Other.Queue<int>(Name, options));
        await here.PutAsync(1);
        await here.PutAsync(2);
        await there.CloseAsync();
        await there.CloseAsync();
        Assert.True(await here.IsClosedAsync());
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => here.PutAsync(3));
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => there.TryPutAsync(3));
        Assert.Equal(1, await here.GetAsync(Limit));
        Assert.Equal((true, 2), await there.TryGetAsync());
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => here.GetAsync(Limit));
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => there.TryGetAsync());
        // One that meets it first when it is closed.
        await using var late = await BrokerPrimitives.ConnectAsync(Url);
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => late.Queue<int>(Name, options).PutAsync(3));
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => late.Queue<int>(Name, options).ReceiveAsync(Limit));
        await late.Queue<int>(Name, options).ReopenAsync();
        await here.PutAsync(4);
        Assert.Equal(4, await there.GetAsync(Limit));
    }

    [Fact]
    public async Task Those_who_wait_to_put_or_to_get_are_told()
    {
        var gets = Enumerable.Range(0, 4).Select(number => (number % 2 == 0 ? One : Other).Queue<int>(Name).GetAsync(Limit)).ToList();
        await using var probe = await QueueProbe.OpenAsync();
        await One.Queue<int>(Name).CountAsync();
        await probe.WaitForConsumersAsync(Names.ItemQueue(Name), 4);
        await Other.Queue<int>(Name).CloseAsync();
        foreach (var get in gets)
            await Assert.ThrowsAsync<PrimitiveClosedException>(() => get);
        var full = new BrokerQueueOptions { MaxSize = 1 };
        await One.Queue<int>(Name).ReopenAsync();
        await One.Queue<int>(Name, full).PutAsync(1);
        var put = Other.Queue<int>(Name, full).PutAsync(2, Limit);
        await One.Queue<int>(Name).CloseAsync();
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => put);
    }

    [Fact]
    public async Task At_once_what_is_in_it_is_dropped_and_join_waits_for_what_is_at_work()
    {
        var options = new BrokerQueueOptions { Joinable = true };
        var (here, there) = (One.Queue<int>(Name, options), Other.Queue<int>(Name, options));
        for (var number = 0; number < 5; number++)
            await here.PutAsync(number);
        await using var held = await there.ReceiveAsync(Limit);
        await here.CloseAsync(immediate: true);
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => here.GetAsync(Limit));
        await Assert.ThrowsAsync<PrimitiveClosedException>(() => there.TryGetAsync());
        Assert.False(await here.JoinAsync(Soon));
        await held.CompleteAsync();
        Assert.True(await here.JoinAsync(Limit));
        await here.ReopenAsync();
        await here.PutAsync(7);
        Assert.Equal(7, await there.GetAsync(Limit));
    }
}
