using Broker.Bus;
using Broker.Primitives;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_items_are_queued : TwoProcesses
{
    public override async ValueTask DisposeAsync()
    {
        await using (var probe = await QueueProbe.OpenAsync())
            await probe.DeleteAsync(Names.ItemQueue(Name));
        await base.DisposeAsync();
    }

    [Fact]
    public async Task They_are_got_in_their_order_once_each()
    {
        var (here, there) = (One.Queue<int>(Name), Other.Queue<int>(Name));
        Assert.Equal((false, 0), await here.TryGetAsync());
        await here.PutAsync(1);
        await here.PutAsync(2);
        await here.PutAllAsync(Enumerable.Range(3, 500));
        for (var number = 1; number <= 502; number++)
            Assert.Equal(number, await (number % 2 == 0 ? here : there).GetAsync(Limit));
        Assert.Equal((false, 0), await there.TryGetAsync());
        Assert.Equal((false, 0), await there.TryGetAsync(Soon));
        await Assert.ThrowsAsync<TimeoutException>(() => there.GetAsync(Soon));
        Assert.Equal(0, await here.CountAsync());
    }

    [Fact]
    public async Task Those_who_wait_get_one_each()
    {
        var gets = Enumerable.Range(0, 10).Select(number => (number % 2 == 0 ? One : Other).Queue<int>(Name).GetAsync(Limit)).ToList();
        await One.Queue<int>(Name).PutAllAsync(Enumerable.Range(0, 10));
        Assert.Equal(Enumerable.Range(0, 10), (await Task.WhenAll(gets)).Order());
    }

    [Fact]
    public async Task A_get_that_ends_leaves_no_consumer_and_loses_nothing()
    {
        var queue = One.Queue<int>(Name);
        await using var probe = await QueueProbe.OpenAsync();
        using (var cancelled = new CancellationTokenSource())
        {
            var get = queue.GetAsync(null, cancelled.Token);
            await probe.WaitForConsumersAsync(Names.ItemQueue(Name), 1);
            await cancelled.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => get);
        }

        Assert.False((await queue.TryGetAsync(Soon)).Taken);
        await probe.WaitForConsumersAsync(Names.ItemQueue(Name), 0);
        for (var round = 0; round < 20; round++)
        {
            using var cancelled = new CancellationTokenSource();
            var get = queue.GetAsync(null, cancelled.Token);
            var put = Other.Queue<int>(Name).PutAsync(round);
            await cancelled.CancelAsync();
            var error = await ErrorOfAsync(get);
            await put;
            Assert.Equal(round, error is null ? await get : await Other.Queue<int>(Name).GetAsync(Limit));
        }
    }

    [Fact]
    public async Task One_that_is_received_stays_until_it_is_completed()
    {
        var (here, there) = (One.Queue<string>(Name), Other.Queue<string>(Name));
        await here.PutAsync("a");
        await here.PutAsync("b");
        await using (var first = await there.ReceiveAsync(Limit))
        {
            Assert.Equal(("a", false), (first.Item, first.Redelivered));
            Assert.False(first.LostToken.IsCancellationRequested);
        }

        await using (var again = await there.ReceiveAsync(Limit))
        {
            Assert.Equal(("a", true), (again.Item, again.Redelivered));
            await again.CompleteAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(again.CompleteAsync);
        }

        await using var second = await here.TryReceiveAsync();
        Assert.Equal("b", second?.Item);
        Assert.Null(await there.TryReceiveAsync());
    }

    [Fact]
    public async Task One_whose_receiver_dies_is_delivered_to_another()
    {
        await One.Queue<string>(Name).PutAsync("a");
        var dying = await BrokerPrimitives.ConnectAsync(Url);
        var held = await dying.Queue<string>(Name).ReceiveAsync(Limit);
        Assert.False((await One.Queue<string>(Name).TryGetAsync()).Taken);
        await dying.DisposeAsync();
        await using var again = await One.Queue<string>(Name).ReceiveAsync(Limit);
        Assert.True(again.Redelivered);
        await Assert.ThrowsAsync<Connection.BrokerUnavailableException>(held.CompleteAsync);
        await again.CompleteAsync();
    }

    [Fact]
    public async Task One_that_cannot_be_written_or_read_fails_alone()
    {
        var queue = One.Queue<object>(Name, new BrokerQueueOptions { MaxSize = 1 });
        await Assert.ThrowsAnyAsync<NotSupportedException>(() => queue.PutAsync(new { Type = typeof(int) }));
        await Assert.ThrowsAsync<MessageTooLargeException>(() => queue.PutAsync(new string('x', 9 * 1024 * 1024)));
        Assert.True(await queue.TryPutAsync("text"));
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => One.Queue<int>(Name).GetAsync(Limit));
        Assert.True(await queue.TryPutAsync(7));
        Assert.Equal(7, await One.Queue<int>(Name).GetAsync(Limit));
    }

    [Fact]
    public async Task A_queue_that_somebody_deletes_is_there_again()
    {
        var (here, there) = (One.Queue<int>(Name), Other.Queue<int>(Name));
        await here.PutAsync(1);
        await using var probe = await QueueProbe.OpenAsync();
        await probe.DeleteAsync(Names.ItemQueue(Name));
        Assert.False((await there.TryGetAsync()).Taken);
        await probe.DeleteAsync(Names.ItemQueue(Name));
        await here.PutAsync(2);
        Assert.Equal(2, await there.GetAsync(Limit));
        var get = there.GetAsync(Limit);
        await probe.WaitForConsumersAsync(Names.ItemQueue(Name), 1);
        await probe.DeleteAsync(Names.ItemQueue(Name));
        // Whoever waits declares it again.
        await probe.WaitForConsumersAsync(Names.ItemQueue(Name), 1);
        await here.PutAsync(3);
        Assert.Equal(3, await get);
    }

    [Fact]
    public async Task Those_of_a_higher_priority_come_first_where_the_broker_has_priorities()
    {
        var queue = One.Queue<int>(Name);
        for (var number = 0; number < 3; number++)
            await queue.PutAsync(number, priority: 1);
        await queue.PutAsync(9, priority: 9);
        await using var connection = await Connection.BrokerConnection.OpenAsync(Connection.BrokerAddress.Parse(Url), "version");
        var first = await queue.GetAsync(Limit);
        Assert.Equal(connection.Server.HasPriorities ? 9 : 0, first);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = queue.PutAsync(1, priority: 32); });
    }
}
