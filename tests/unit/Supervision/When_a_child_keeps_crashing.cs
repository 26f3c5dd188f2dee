using Broker.Consumer.Supervision;

namespace Broker.Tests.Unit.Supervision;

public sealed class When_a_child_keeps_crashing
{
    [Fact]
    public void The_restart_delay_doubles_up_to_30_seconds_while_it_does_not_get_ready()
    {
        var backoff = new RestartBackoff();
        var waits = Enumerable.Range(0, 10).Select(_ => backoff.After(wasReady: false).TotalSeconds);
        Assert.Equal([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30], waits);
    }

    [Fact]
    public void The_restart_delay_does_not_grow_for_a_child_that_was_ready()
    {
        var backoff = new RestartBackoff();
        for (var crash = 0; crash < 5; crash++)
            backoff.After(wasReady: false);
        Assert.Equal([0.2, 0.2, 0.2], Enumerable.Range(0, 3).Select(_ => backoff.After(wasReady: true).TotalSeconds));
        Assert.Equal(0.4, backoff.After(wasReady: false).TotalSeconds);
    }
}
