using Broker.Primitives;
using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_condition_is_waited_for : TwoProcesses
{
    [Fact]
    public async Task Notifications_wake_as_many_as_they_say_in_the_order_of_their_waits()
    {
        var sleepers = new List<Task<bool>>();
        for (var number = 0; number < 6; number++)
        {
            sleepers.Add(SleepAsync(number, Limit));
            await UntilAsleepAsync(number + 1);
        }

        Assert.Equal(2, await NotifyAsync(2));
        Assert.All(await Task.WhenAll(sleepers[..2]), Assert.True);
        Assert.All(sleepers[2..], sleeper => Assert.False(sleeper.IsCompleted));
        Assert.Equal(4, await NotifyAsync(4));
        Assert.All(await Task.WhenAll(sleepers), Assert.True);
        Assert.Equal(0, await NotifyAsync(3));
        Assert.False(await SleepAsync(0, Soon));
    }

    [Fact]
    public async Task A_wait_times_out_and_leaves_no_waiter()
    {
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(number => SleepAsync(number, Soon))), Assert.False);
        Assert.False(await SleepAsync(0, TimeSpan.Zero));
        await UntilAsleepAsync(0);
    }

    [Fact]
    public async Task A_predicate_is_asked_inside_the_lock_after_each_notification()
    {
        var value = Other.Value<int>(Name);
        var waiting = Task.Run(async () =>
        {
            await using var inside = await Condition(0).EnterAsync(Limit);
            return await inside.WaitForAsync(async (hold, cancellationToken) => await value.Under(hold).GetAsync(cancellationToken: cancellationToken) == 4, Limit);
        });
        await UntilAsleepAsync(1);
        for (var step = 1; step <= 4; step++)
        {
            await using (var inside = await Condition(1).EnterAsync(Limit))
            {
                Assert.Equal(step, await One.Value<int>(Name).Under(inside.Hold).AddAsync(1));
                Assert.Equal(1, await inside.NotifyAsync());
            }

            if (step < 4)
                await UntilAsleepAsync(1);
        }

        Assert.True(await waiting);
        await using var never = await Condition(0).EnterAsync(Limit);
        Assert.False(await never.WaitForAsync((_, _) => Task.FromResult(false), Soon));
        Assert.True(await value.Under(never.Hold).GetAsync() == 4);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_lock_to_others()
    {
        using var cancelled = new CancellationTokenSource();
        await using var inside = await Condition(0).EnterAsync(Limit);
        var wait = inside.WaitAsync(null, cancelled.Token);
        await UntilAsleepAsync(1);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Throws<InvalidOperationException>(() => inside.Hold);
        await using var other = await Condition(1).EnterAsync(Limit);
        await UntilAsleepAsync(0);
    }

    [Fact]
    public async Task A_holder_that_has_lost_the_lock_wakes_nobody()
    {
        await using var paused = await Condition(0).EnterAsync(Limit);
        await One.Lock(Name).BreakAsync();
        var sleeper = SleepAsync(1, Limit);
        await UntilAsleepAsync(1);
        await Assert.ThrowsAsync<FencedException>(() => paused.NotifyAsync());
        await UntilAsleepAsync(1);
        Assert.Equal(1, await NotifyAsync(1));
        Assert.True(await sleeper);
    }

    private BrokerCondition Condition(int party) => party % 2 == 0 ? One.Condition(Name, One.Lock(Name)) : Other.Condition(Name, Other.Lock(Name));

    private async Task<bool> SleepAsync(int party, TimeSpan timeout)
    {
        await using var inside = await Condition(party).EnterAsync(Limit);
        return await inside.WaitAsync(timeout);
    }

    private async Task<int> NotifyAsync(int count)
    {
        await using var inside = await Condition(1).EnterAsync(Limit);
        return await inside.NotifyAsync(count);
    }

    private async Task UntilAsleepAsync(int waiters)
    {
        using var limit = new CancellationTokenSource(Limit);
        await UntilAsync<ConditionState>("condition", state => (state?.Waiters.Count ?? 0) == waiters, limit.Token);
    }
}
