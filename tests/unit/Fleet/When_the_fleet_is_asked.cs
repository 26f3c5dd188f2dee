using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Topology;

namespace Broker.Tests.Unit.Fleet;

public sealed class When_the_fleet_is_asked
{
    private static readonly KindQueues Queues = new(new QueueDepth(3, 1), new QueueDepth(2, 0));

    private readonly RequestedTimers _timers = new();
    private readonly List<(string Type, Guid Id, byte[] Body)> _sent = [];
    private readonly FleetClient _client;

    public When_the_fleet_is_asked() => _client = new FleetClient(() => "me", Send, (_, _) => Task.FromResult(Queues), _timers);

    [Fact]
    public async Task Without_a_consumer_the_answer_comes_at_once()
    {
        var client = new FleetClient(() => "me", (_, _, _, _) => throw new UnroutableException("no queue"), (_, _) => Task.FromResult(Queues), _timers);
        var snapshot = await client.AskAsync(TestContext.Current.CancellationToken);
        Assert.Empty(snapshot.Processes);
        Assert.Equal(0, _timers.Unseen);
    }

    [Fact]
    public async Task Without_a_name_every_known_kind_that_holds_something_is_looked_at_and_what_is_gone_is_forgotten()
    {
        var forgotten = new List<string>();
        var depths = new Dictionary<string, KindQueues>
        {
            ["dead"] = new(new QueueDepth(0, 0), new QueueDepth(1, 0)),
            ["empty"] = new(new QueueDepth(0, 0), new QueueDepth(0, 0)),
            ["gone"] = new(null, null),
        };
        var client = new FleetClient(() => "me", (_, _, _, _) => throw new UnroutableException("no queue"), (kind, _) => Task.FromResult(depths[kind]), _timers)
        {
            ListKindsAsync = (gone, _) =>
            {
                forgotten.AddRange(gone);
                return Task.FromResult<IReadOnlyCollection<string>>(depths.Keys);
            },
            CountDelayedAsync = _ => Task.FromResult<long?>(7),
        };
        Assert.Equal(["dead"], (await client.LookAsync([], TestContext.Current.CancellationToken)).Kinds.Select(kind => kind.Kind));
        Assert.Equal(["gone"], forgotten);
        Assert.Equal(7, (await client.LookAsync(["empty"], TestContext.Current.CancellationToken)).Delayed);
        Assert.Equal(["empty"], (await client.LookAsync(["empty"], TestContext.Current.CancellationToken)).Kinds.Select(kind => kind.Kind));
    }

    [Fact]
    public async Task The_first_answer_of_a_busy_fleet_is_waited_for_much_longer_than_the_next()
    {
        var asking = _client.AskAsync(TestContext.Current.CancellationToken);
        Assert.Equal(TimeSpan.FromSeconds(5), (await _timers.NextAsync()).Due);
        Assert.Equal(TimeSpan.FromSeconds(5), (await _timers.NextAsync()).Due);
        _client.Accept(Answer(1));
        Assert.Equal(TimeSpan.FromMilliseconds(250), (await _timers.NextAsync()).Due);
        _client.Accept(Answer(2));
        var quiet = await _timers.NextAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(250), quiet.Due);
        quiet.GoOff();
        Assert.Equal([1, 2], (await asking).Processes.Select(process => process.Identity.ProcessId));
    }

    [Fact]
    public async Task One_that_a_queue_counts_and_that_has_not_answered_is_waited_for()
    {
        var client = new FleetClient(() => "me", Send, (_, _) => Task.FromResult(new KindQueues(new QueueDepth(0, 2), null)), _timers);
        var asking = client.AskAsync(TestContext.Current.CancellationToken);
        await _timers.NextAsync();
        await _timers.NextAsync();
        client.Accept(Answer(1));
        (await _timers.NextAsync()).GoOff();
        Assert.Equal(TimeSpan.FromSeconds(1), (await _timers.NextAsync()).Due);
        Assert.Equal(TimeSpan.FromSeconds(1), (await _timers.NextAsync()).Due);
        client.Accept(Answer(2));
        (await _timers.NextAsync()).GoOff();
        Assert.Equal(2, (await asking).Processes.Count);
    }

    [Fact]
    public async Task A_fleet_that_never_falls_quiet_is_not_waited_for_without_end()
    {
        var asking = _client.AskAsync(TestContext.Current.CancellationToken);
        var longest = await _timers.NextAsync();
        await _timers.NextAsync();
        _client.Accept(Answer(1));
        await _timers.NextAsync();
        longest.GoOff();
        Assert.Single((await asking).Processes);
    }

    [Fact]
    public async Task Consumers_that_do_not_answer_are_no_error()
    {
        var asking = _client.AskAsync(TestContext.Current.CancellationToken);
        await _timers.NextAsync();
        (await _timers.NextAsync()).GoOff();
        Assert.Empty((await asking).Processes);
    }

    [Fact]
    public async Task An_answer_to_another_question_is_ignored()
    {
        var asking = _client.AskAsync(TestContext.Current.CancellationToken);
        await _timers.NextAsync();
        var first = await _timers.NextAsync();
        _client.Accept(Answer(1) with { PingId = Guid.NewGuid() });
        first.GoOff();
        Assert.Empty((await asking).Processes);
    }

    [Fact]
    public async Task A_cancelled_caller_gets_no_partial_answer()
    {
        using var cancel = new CancellationTokenSource();
        var asking = _client.AskAsync(cancel.Token);
        await _timers.NextAsync();
        await _timers.NextAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task Queues_are_looked_at_of_kinds_that_are_served_and_of_those_named()
    {
        var looking = _client.LookAsync(["unserved"], TestContext.Current.CancellationToken);
        await _timers.NextAsync();
        await _timers.NextAsync();
        _client.Accept(Answer(1));
        (await _timers.NextAsync()).GoOff();
        Assert.Equal([("double", 3L, 2L), ("unserved", 3L, 2L)], (await looking).Kinds.Select(kind => (kind.Kind, kind.Waiting!.Value, kind.Dead!.Value)));
    }

    [Fact]
    public async Task Each_known_process_is_waited_for_when_a_log_level_is_changed()
    {
        var change = new SetLogLevel { RequestId = Guid.NewGuid(), ReplyTo = "", Level = "debug" };
        var changing = _client.SetLogLevelAsync(change, TestContext.Current.CancellationToken);
        await _timers.NextAsync();
        await _timers.NextAsync();
        _client.Accept(Answer(1));
        await _timers.NextAsync();
        _client.Accept(Answer(2));
        (await _timers.NextAsync()).GoOff();

        var longest = await _timers.NextAsync();
        Assert.Equal(TimeSpan.FromSeconds(5), (await _timers.NextAsync()).Due);
        _client.Accept(new LogLevelSet { RequestId = change.RequestId, Worker = Worker(2), Level = "debug" });
        Assert.Equal(TimeSpan.FromSeconds(5), (await _timers.NextAsync()).Due);
        longest.GoOff();

        var changed = await changing;
        Assert.Equal([Worker(2)], changed.Applied.Select(answer => answer.Worker));
        Assert.Equal([Worker(1)], changed.Silent);
        Assert.Equal(2, changed.Fleet.Processes.Count);
        Assert.Equal((MessageTypes.SetLogLevel, change.RequestId), (_sent[1].Type, _sent[1].Id));
        Assert.Equal("me", JsonSerializer.Deserialize(_sent[1].Body, MessageJson.Default.SetLogLevel)!.ReplyTo);
    }

    [Fact]
    public async Task Where_the_question_cannot_be_sent_the_queues_are_looked_at_all_the_same()
    {
        var client = new FleetClient(() => "me", (_, _, _, _) => new TaskCompletionSource().Task, (_, _) => Task.FromResult(Queues), _timers);
        var looking = client.LookAsync(["double"], TestContext.Current.CancellationToken);
        var limit = await _timers.NextAsync();
        Assert.Equal(TimeSpan.FromSeconds(5), limit.Due);
        limit.GoOff();
        var snapshot = await looking;
        Assert.True(snapshot.Unasked);
        Assert.Equal(3, Assert.Single(snapshot.Kinds).Waiting);
    }

    private static ProcessIdentity Worker(int pid) => new("host", pid, "consumer");

    private Pong Answer(int pid) => new()
    {
        PingId = _sent[0].Id,
        Worker = Worker(pid),
        Version = "1",
        StartedAt = DateTimeOffset.UnixEpoch,
        Kinds = [Snapshots.Served("double")],
    };

    private Task Send(string type, Guid messageId, byte[] body, CancellationToken cancellationToken)
    {
        _sent.Add((type, messageId, body));
        return Task.CompletedTask;
    }
}
