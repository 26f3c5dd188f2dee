namespace Broker.Tests.Integration.Primitives;

public sealed class When_an_event_is_waited_for : TwoProcesses
{
    [Fact]
    public async Task It_is_seen_by_all_as_it_was_set_or_cleared()
    {
        var (here, there) = (One.Event(Name), Other.Event(Name));
        Assert.False(await here.IsSetAsync());
        Assert.False(await here.WaitAsync(TimeSpan.Zero));
        Assert.False(await here.WaitAsync(Soon));
        Assert.True(await there.SetAsync());
        Assert.True(await here.IsSetAsync());
        Assert.True(await here.WaitAsync(TimeSpan.Zero));
        Assert.True(await here.WaitAsync());
        Assert.True(await here.ClearAsync());
        Assert.False(await there.IsSetAsync());
        Assert.False(await there.WaitAsync(TimeSpan.Zero));
    }

    [Fact]
    public async Task All_who_wait_are_woken_although_it_is_cleared_at_once()
    {
        await Task.WhenAll(One.Event(Name).IsSetAsync(), Other.Event(Name).IsSetAsync());
        var waits = Enumerable.Range(0, 20).Select(number => (number % 2 == 0 ? One : Other).Event(Name).WaitAsync(Limit)).ToList();
        // What is read back here was appended behind the waits' own records.
        await One.Event(Name).IsSetAsync();
        await Other.Event(Name).IsSetAsync();
        await One.Event(Name).SetAsync();
        await One.Event(Name).ClearAsync();
        Assert.All(await Task.WhenAll(waits), Assert.True);
        Assert.False(await Other.Event(Name).WaitAsync(Soon));
    }

    [Fact]
    public async Task A_pulse_before_the_wait_does_not_end_it()
    {
        await One.Event(Name).SetAsync();
        await One.Event(Name).ClearAsync();
        Assert.False(await Other.Event(Name).WaitAsync(Soon));
    }

    [Fact]
    public async Task A_cancelled_wait_ends_and_a_wrong_timeout_is_told_at_the_call()
    {
        using var cancelled = new CancellationTokenSource();
        var wait = One.Event(Name).WaitAsync(null, cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = One.Event(Name).WaitAsync(TimeSpan.FromSeconds(-2)); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = One.Event(Name).WaitAsync(TimeSpan.FromSeconds(int.MaxValue)); });
    }
}
