using Broker.Primitives;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_primitives_lose_their_broker(OwnBroker own) : IClassFixture<OwnBroker>
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Waits_go_on_when_it_is_back_and_nothing_that_was_confirmed_is_lost()
    {
        var broker = own.Require();
        await using var one = await BrokerPrimitives.ConnectAsync(broker.Url);
        await using var other = await BrokerPrimitives.ConnectAsync(broker.Url);
        await one.Queue<int>("full").PutAllAsync(Enumerable.Range(0, 200));
        await one.Counter("counter").GiveAsync(7);
        Assert.Equal(3, await one.Value<int>("value").AddAsync(3));
        await one.List<int>("list").ExtendAsync([1, 2, 3]);
        Task[] waits =
        [
            one.Event("event").WaitAsync(Limit), other.Event("event").WaitAsync(Limit), one.Counter("empty").TakeAsync(Limit), one.Barrier("barrier", 2).WaitAsync(Limit),
            other.Queue<int>("empty").GetAsync(Limit), one.Queue<int>("joinable", new BrokerQueueOptions { Joinable = true }).PutAsync(1),
        ];
        await waits[^1];
        var join = other.Queue<int>("joinable", new BrokerQueueOptions { Joinable = true }).JoinAsync(Limit);
        // Everything that the waits need is on the broker when these are confirmed behind it.
        await Task.WhenAll(one.Event("event").IsSetAsync(), other.Event("event").IsSetAsync(), one.Counter("empty").CountAsync(), one.Barrier("barrier", 2).WaitingAsync());

        await broker.KillAsync();
        await broker.StartAgainAsync();

        await RetryAsync(() => other.Event("event").SetAsync());
        await RetryAsync(() => other.Counter("empty").GiveAsync());
        await RetryAsync(() => one.Queue<int>("empty").PutAsync(5));
        Assert.InRange(await RetryAsync(() => other.Barrier("barrier", 2).WaitAsync(Limit)), 0, 1);
        await using (var delivery = await one.Queue<int>("joinable").ReceiveAsync(Limit))
            await delivery.CompleteAsync();
        await Task.WhenAll(waits).WaitAsync(Limit);
        Assert.True(await join);
        for (var number = 0; number < 200; number++)
            Assert.Equal(number, await other.Queue<int>("full").GetAsync(Limit));
        Assert.Equal(7, await other.Counter("counter").CountAsync());
        Assert.Equal(3, await other.Value<int>("value").GetAsync());
        Assert.Equal([1, 2, 3], await other.List<int>("list").GetAllAsync());
    }

    /// <summary>The broker may be there and not yet let us in: what says that it was not done is done again.</summary>
    private static async Task<T> RetryAsync<T>(Func<Task<T>> operation)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await operation();
            }
            catch (Connection.BrokerUnavailableException) when (tries < 3)
            {
            }
        }
    }

    private static Task<bool> RetryAsync(Func<Task> operation) => RetryAsync(async () =>
    {
        await operation();
        return true;
    });
}
