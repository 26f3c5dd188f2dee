using Broker.Primitives.Tokens;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Primitives.Tokens;

public sealed class When_a_caller_waits
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(10);

    private readonly ManualClock _clock = new();

    [Fact]
    public void A_try_looks_once_for_as_long_as_a_look_may_take()
    {
        using var wait = Wait(TimeSpan.Zero);
        Assert.True(wait.LooksOnce);
        _clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(wait.IsOver);
        Assert.False(wait.MayGoOn());
        Assert.True(wait.HasLooked);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(wait.IsOver);
        Assert.True(wait.Token.IsCancellationRequested);
    }

    [Fact]
    public void A_short_timeout_ends_the_wait_in_line()
    {
        using var wait = Wait(TimeSpan.FromSeconds(2));
        Assert.False(wait.LooksOnce);
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(wait.MayGoOn());
        _clock.Advance(TimeSpan.FromSeconds(1.4));
        // It has looked again after a lost connection: the end is the same.
        Assert.True(wait.MayGoOn());
        Assert.False(wait.IsOver);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(wait.IsOver);
        Assert.False(wait.MayGoOn());
    }

    [Fact]
    public void A_look_that_takes_longer_than_the_timeout_is_finished()
    {
        using var wait = Wait(TimeSpan.FromSeconds(2));
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(wait.IsOver);
        Assert.False(wait.HasLooked);
        Assert.False(wait.MayGoOn());
    }

    [Fact]
    public void A_long_timeout_is_kept()
    {
        using var wait = Wait(TimeSpan.FromSeconds(60));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.True(wait.MayGoOn());
        _clock.Advance(TimeSpan.FromSeconds(39.9));
        Assert.False(wait.IsOver);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(wait.IsOver);
    }

    [Fact]
    public void Without_a_timeout_only_its_caller_ends_it()
    {
        using var caller = new CancellationTokenSource();
        using var wait = new TokenWait(Timeout.InfiniteTimeSpan, FirstLook, _clock, caller.Token);
        _clock.Advance(TimeSpan.FromDays(1000));
        Assert.True(wait.MayGoOn());
        Assert.False(wait.IsOver);
        caller.Cancel();
        Assert.True(wait.Token.IsCancellationRequested);
        Assert.False(wait.IsOver);
    }

    private TokenWait Wait(TimeSpan timeout) => new(timeout, FirstLook, _clock, CancellationToken.None);
}
