using Broker.Bus;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Connection;

public sealed class When_many_sends_share_a_deadline
{
    private readonly ManualClock _clock = new();
    private readonly CoarseDeadline _deadline;

    public When_many_sends_share_a_deadline() => _deadline = new CoarseDeadline(TimeSpan.FromSeconds(30), _clock);

    [Fact]
    public void Those_that_begin_within_a_second_have_one_timer()
    {
        for (var send = 0; send < 1000; send++)
            _deadline.Begin();
        Assert.Equal(1, _clock.Timers);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _deadline.Begin();
        Assert.Equal(2, _clock.Timers);
    }

    [Fact]
    public void None_ends_before_its_time_and_all_within_a_second_after_it()
    {
        var first = _deadline.Begin();
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        var second = _deadline.Begin();
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.False(second.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.True(first.IsCancellationRequested && second.IsCancellationRequested);
    }
}
