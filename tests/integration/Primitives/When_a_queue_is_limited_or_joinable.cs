using Broker.Primitives;
using Broker.Primitives.States;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_queue_is_limited_or_joinable : TwoProcesses
{
    private static readonly BrokerQueueOptions Six = new() { MaxSize = 6 };
    private static readonly BrokerQueueOptions Joinable = new() { Joinable = true };

    public override async ValueTask DisposeAsync()
    {
        await using (var probe = await QueueProbe.OpenAsync())
            await probe.DeleteAsync(Names.ItemQueue(Name));
        await base.DisposeAsync();
    }

    [Fact]
    public async Task It_is_full_exactly_at_its_limit()
    {
        var (here, there) = (One.Queue<int>(Name, Six), Other.Queue<int>(Name, Six));
        for (var number = 1; number <= 6; number++)
            Assert.True(await (number % 2 == 0 ? here : there).TryPutAsync(number));
        Assert.False(await here.TryPutAsync(7));
        Assert.False(await there.TryPutAsync(7, Soon));
        await Assert.ThrowsAsync<TimeoutException>(() => here.PutAsync(7, Soon));
        var put = here.PutAsync(7, Limit);
        for (var number = 1; number <= 7; number++)
            Assert.Equal(number, await there.GetAsync(Limit));
        await put;
        Assert.Equal(0, await here.CountUnfinishedAsync());
        Assert.Throws<ArgumentOutOfRangeException>(() => One.Queue<int>(Name, new BrokerQueueOptions { MaxSize = 0 }));
    }

    [Fact]
    public async Task A_slow_getter_holds_the_putter_back_and_nothing_is_lost()
    {
        var two = new BrokerQueueOptions { MaxSize = 2 };
        var (here, there) = (One.Queue<int>(Name, two), Other.Queue<int>(Name, two));
        var putting = Task.Run(async () =>
        {
            await here.PutAllAsync(Enumerable.Range(0, 50));
            await here.CloseAsync();
        });
        var all = new List<int>();
        await foreach (var item in there.ReadAllAsync())
            all.Add(item);
        await putting;
        Assert.Equal(Enumerable.Range(0, 50), all);
    }

    [Fact]
    public async Task The_slot_of_a_putter_that_died_before_it_put_is_free_after_a_while()
    {
        await ApplyAndDieAsync("queue", Name, new QueueReserve(Guid.NewGuid(), Waits: true, MaxSize: 1, Joinable: false));
        var queue = One.Queue<int>(Name, new BrokerQueueOptions { MaxSize = 1 });
        Assert.False(await queue.TryPutAsync(1));
        await queue.PutAsync(1, Limit);
        Assert.False(await queue.TryPutAsync(2));
        Assert.Equal(1, await queue.GetAsync(Limit));
        Assert.True(await queue.TryPutAsync(2));
    }

    [Fact]
    public async Task Join_returns_when_all_that_was_put_is_done()
    {
        var (here, there) = (One.Queue<int>(Name, Joinable), Other.Queue<int>(Name, Joinable));
        Assert.True(await here.JoinAsync(TimeSpan.Zero));
        for (var number = 0; number < 20; number++)
            await here.PutAsync(number);
        var done = 0;
        var workers = Enumerable.Range(0, 4).Select(async worker =>
        {
            await foreach (var item in (worker % 2 == 0 ? there : here).ReadAllAsync())
            {
                Interlocked.Increment(ref done);
                await (worker % 2 == 0 ? there : here).TaskDoneAsync();
            }
        }).ToList();
        Assert.True(await here.JoinAsync(Limit));
        Assert.Equal(20, done);
        await here.CloseAsync();
        await Task.WhenAll(workers);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await here.TaskDoneAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await One.Queue<int>(Name).JoinAsync());
    }

    [Fact]
    public async Task What_a_worker_that_died_had_received_is_done_by_another_and_join_ends()
    {
        var here = One.Queue<int>(Name, Joinable);
        await here.PutAsync(1);
        var dying = await BrokerPrimitives.ConnectAsync(Url);
        await dying.Queue<int>(Name, Joinable).ReceiveAsync(Limit);
        await dying.DisposeAsync();
        Assert.False(await here.JoinAsync(Soon));
        await using (var again = await here.ReceiveAsync(Limit))
            await again.CompleteAsync();
        Assert.True(await here.JoinAsync(Limit));
    }

    [Fact]
    public async Task A_putter_that_died_before_it_put_does_not_hold_join_up_for_ever()
    {
        await ApplyAndDieAsync("queue", Name, new QueueReserve(Guid.NewGuid(), Waits: true, MaxSize: null, Joinable: true));
        Assert.False(await One.Queue<int>(Name, Joinable).JoinAsync(Soon));
        Assert.True(await One.Queue<int>(Name, Joinable).JoinAsync(Limit));
    }
}
