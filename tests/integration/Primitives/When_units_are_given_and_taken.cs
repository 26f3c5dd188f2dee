using System.Threading.Channels;
using Broker.Primitives;
using Broker.Primitives.States;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_units_are_given_and_taken : TwoProcesses
{
    private BrokerCounter Here => One.Counter(Name);

    private BrokerCounter There => Other.Counter(Name);

    [Fact]
    public async Task It_counts_as_a_semaphore_does_and_above_its_initial_value()
    {
        var (here, there) = (One.Counter(Name, 2), Other.Counter(Name, 2));
        Assert.Equal(2, await here.CountAsync());
        await here.TakeAsync();
        Assert.Equal(1, await there.CountAsync());
        Assert.True(await there.TryTakeAsync());
        Assert.False(await there.TryTakeAsync());
        Assert.False(await there.TryTakeAsync(Soon));
        await Assert.ThrowsAsync<TimeoutException>(() => there.TakeAsync(Soon));
        for (var count = 1; count <= 4; count++)
            Assert.Equal(count, await here.GiveAsync());
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = here.TryTakeAsync(TimeSpan.FromSeconds(-2)); });
    }

    [Fact]
    public async Task Waits_are_served_in_their_order_although_some_give_up()
    {
        using var cancelled = new CancellationTokenSource();
        var served = Channel.CreateUnbounded<int>();
        var waits = new List<Task>();
        for (var number = 0; number < 6; number++)
        {
            waits.Add(WaitAsync(number));
            await UntilLineAsync(number + 1);
        }

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits[2]);
        await UntilLineAsync(5);
        foreach (var next in new[] { 0, 1, 3, 4, 5 })
        {
            await There.GiveAsync();
            using var limit = new CancellationTokenSource(Limit);
            Assert.Equal(next, await served.Reader.ReadAsync(limit.Token));
        }

        Assert.Equal(0, await Here.CountAsync());

        async Task WaitAsync(int number)
        {
            await (number % 2 == 0 ? Here : There).TakeAsync(Limit, number == 2 ? cancelled.Token : CancellationToken.None);
            await served.Writer.WriteAsync(number);
        }
    }

    [Fact]
    public async Task None_is_lost_between_many_who_give_and_take()
    {
        var takes = Enumerable.Range(0, 100).Select(number => (number % 2 == 0 ? Here : There).TakeAsync(Limit)).ToList();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => (number % 2 == 0 ? Here : There).GiveAsync()));
        await Task.WhenAll(takes);
        Assert.Equal(0, await Here.CountAsync());
    }

    [Fact]
    public async Task A_waiter_that_has_died_takes_none_with_it()
    {
        await ApplyAndDieAsync("counter", Name, new CounterTake(0, Guid.NewGuid(), Waits: true));
        var wait = Here.TakeAsync(Limit);
        await UntilLineAsync(2);
        await There.GiveAsync();
        await wait;
        Assert.Equal(0, await Here.CountAsync());
        await UntilLineAsync(0);
    }

    [Fact]
    public async Task A_take_that_is_cancelled_leaves_no_wait_and_no_unit()
    {
        for (var round = 0; round < 20; round++)
        {
            using var cancelled = new CancellationTokenSource();
            var take = Here.TakeAsync(null, cancelled.Token);
            var give = There.GiveAsync();
            await cancelled.CancelAsync();
            var error = await ErrorOfAsync(take);
            await give;
            // Whoever was served has the unit; whoever was not has left it.
            if (error is not null)
                await There.TakeAsync(Limit);
        }

        await UntilLineAsync(0);
        Assert.Equal(0, await Here.CountAsync());
    }

    private async Task UntilLineAsync(int waiters)
    {
        using var limit = new CancellationTokenSource(Limit);
        await UntilAsync<CounterState>("counter", state => state?.Line.Waiters.Count == waiters, limit.Token);
    }
}
