using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Topology;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Fleet;

public sealed class When_no_consumer_serves_a_kind
{
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(2);

    private readonly RequestedTimers _timers = new();
    private readonly List<string> _notices = [];

    [Fact]
    public async Task A_call_that_waits_is_told_within_two_seconds()
    {
        var watching = WatchAsync(FleetOf((_, _, _, _) => throw new UnroutableException("no queue")), isAnswered: false);
        var look = await _timers.NextAsync();
        Assert.True(look.Due < Promised, $"{look.Due}");
        look.GoOff();
        await watching;
        Assert.Equal("no consumer serves 'double' now (no consumer is running); waiting for one that does", Assert.Single(_notices));
    }

    [Fact]
    public async Task And_so_it_is_when_consumers_of_other_kinds_answer()
    {
        var question = Guid.Empty;
        var fleet = FleetOf((_, id, _, _) =>
        {
            question = id;
            return Task.CompletedTask;
        });
        var watching = WatchAsync(fleet, isAnswered: false);
        var look = await _timers.NextAsync();
        look.GoOff();
        // The longest that all answers and the first may take.
        await _timers.NextAsync();
        await _timers.NextAsync();
        fleet.Accept(new Pong { PingId = question, Worker = new ProcessIdentity("h", 1, "n"), Version = "1", StartedAt = DateTimeOffset.UnixEpoch, Kinds = [Snapshots.Served("dobule")] });
        var quiet = await _timers.NextAsync();
        Assert.True(look.Due + quiet.Due < Promised, $"{look.Due} and {quiet.Due}");
        quiet.GoOff();
        await watching;
        Assert.Equal("no consumer serves 'double' now (did you mean 'dobule'?); waiting for one that does", Assert.Single(_notices));
    }

    [Fact]
    public async Task A_call_that_was_answered_is_told_nothing()
    {
        var watching = WatchAsync(FleetOf((_, _, _, _) => throw new UnroutableException("no queue")), isAnswered: true);
        (await _timers.NextAsync()).GoOff();
        await watching;
        Assert.Empty(_notices);
    }

    private FleetClient FleetOf(SendToConsumers send) => new(() => "me", send, (_, _) => Task.FromResult(new KindQueues(new QueueDepth(1, 0), null)), _timers);

    private Task WatchAsync(FleetClient fleet, bool isAnswered) =>
        new ServiceWatch(fleet, _notices.Add, NullLogger.Instance, _timers).WatchAsync("double", () => isAnswered, TestContext.Current.CancellationToken);
}
