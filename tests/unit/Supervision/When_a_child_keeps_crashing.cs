using Broker.Consumer.Supervision;

namespace Broker.Tests.Unit.Supervision;

public sealed class When_a_child_keeps_crashing
{
    [Fact]
    public void The_restart_delay_doubles_up_to_30_seconds()
    {
        var backoff = new RestartBackoff();
        var waits = Enumerable.Range(0, 10).Select(_ => backoff.After(TimeSpan.FromSeconds(1)).TotalSeconds);
        Assert.Equal([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30], waits);
    }

    [Fact]
    public void A_minute_without_a_crash_resets_the_restart_delay()
    {
        var backoff = new RestartBackoff();
        for (var crash = 0; crash < 5; crash++)
            backoff.After(TimeSpan.FromSeconds(1));
        Assert.Equal(0.2, backoff.After(TimeSpan.FromSeconds(61)).TotalSeconds);
        Assert.Equal(0.4, backoff.After(TimeSpan.FromSeconds(59)).TotalSeconds);
    }
}
