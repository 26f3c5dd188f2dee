using Broker.Bus;
using Broker.Fleet;
using Broker.Topology;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Fleet;

public sealed class When_nobody_serves_a_kind
{
    private readonly RequestedTimers _timers = new();
    private readonly List<string> _notices = [];

    [Fact]
    public async Task A_call_that_waits_is_told_within_two_seconds()
    {
        var watching = WatchAsync(isAnswered: false);
        var look = await _timers.NextAsync();
        Assert.True(look.Due < TimeSpan.FromSeconds(2), $"{look.Due}");
        look.GoOff();
        await watching;
        Assert.Equal("no consumer serves 'double' now (no consumer is running); waiting for one that does", Assert.Single(_notices));
    }

    [Fact]
    public async Task A_call_that_was_answered_is_told_nothing()
    {
        var watching = WatchAsync(isAnswered: true);
        (await _timers.NextAsync()).GoOff();
        await watching;
        Assert.Empty(_notices);
    }

    private Task WatchAsync(bool isAnswered)
    {
        var fleet = new FleetClient(
            () => "me", (_, _, _, _) => throw new UnroutableException("no queue"), (_, _) => Task.FromResult(new KindQueues(new QueueDepth(1, 0), null)), _timers);
        return new ServiceWatch(fleet, _notices.Add, NullLogger.Instance, _timers).WatchAsync("double", () => isAnswered, TestContext.Current.CancellationToken);
    }
}
