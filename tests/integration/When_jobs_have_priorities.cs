using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Deliveries;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

/// <summary>What is asserted depends on the broker: RabbitMQ has had no priorities on quorum queues, then two classes, then 32.</summary>
public sealed class When_jobs_have_priorities : IAsyncLifetime
{
    private readonly string _kind = $"ranked-{FleetPlan.NewSuffix()}";
    private readonly BrokerAddress _address = BrokerAddress.Parse(TestBroker.Require());
    private readonly List<string> _notices = [];
    private QueueProbe _probe = null!;
    private IChannel _channel = null!;
    private BrokerConnection _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _probe = await QueueProbe.OpenAsync();
        _channel = await _probe.OpenChannelAsync();
        _connection = await BrokerConnection.OpenAsync(_address, "test");
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _channel.DisposeAsync();
        await _probe.DisposeAsync();
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [_kind]);
    }

    [Fact]
    public async Task They_are_delivered_as_the_broker_knows_them_and_it_is_said_where_it_does_not()
    {
        await using var pool = await PoolAsync();
        int?[] published = [null, 1, 9, 5, 31, 4, 9, null];
        foreach (var priority in published)
            await pool.PublishAsync(_kind, RawJobs.Items(["1"]), new BatchOptions { Priority = priority });
        var delivered = new List<int?>();
        for (var n = 0; n < published.Length; n++)
            delivered.Add(await NextPriorityAsync());
        int?[] expected = _connection.Server.Version switch
        {
            { Major: < 4 } => published,
            // Two of the upper class for one of the lower.
            { Major: 4, Minor: < 3 } => [9, 5, null, 31, 9, 1, 4, null],
            _ => [31, 9, 9, 5, null, 4, null, 1],
        };
        Assert.Equal(expected, delivered);
        string[] said = _connection.Server.HasPriorities ? [] : [$"the broker, {_connection.Server.Text}, has no priorities on quorum queues: jobs run in the order they came"];
        Assert.Equal(said, _notices);
    }

    [Fact]
    public async Task Nothing_is_said_where_none_is_asked_for()
    {
        await using var pool = await PoolAsync();
        await pool.PublishAsync(_kind, RawJobs.Items(["1"]));
        Assert.Empty(_notices);
        Assert.Null(await NextPriorityAsync());
    }

    [Fact]
    public async Task They_keep_them_wherever_a_consumer_sends_them()
    {
        var topology = await DeclareAsync();
        await using var sender = MessageSender.Create(_address, "test", NullLoggerFactory.Instance);
        await sender.StartAsync();
        var routes = new OutcomeRoutes(sender, topology, new ProcessIdentity("h", 1, "n"), NullLogger.Instance);
        var job = Job(priority: 9);
        await routes.ReturnAsync(job, MessageSender.Write(job, MessageJson.Default.RunJob), CancellationToken.None);
        Assert.Equal(9, await NextPriorityAsync());
        await routes.SplitAsync(job, ["1"u8.ToArray()], crashes: 2, CancellationToken.None);
        Assert.Equal(9, await NextPriorityAsync());
        await routes.QuarantineAsync(job, crashes: 2, CancellationToken.None);
        Assert.Equal(9, await NextPriorityAsync(Names.SuspectsQueue(_kind)));
        await routes.RetryAsync(new DelayedJob(TimeSpan.FromSeconds(1), job, 1), CancellationToken.None);
        Assert.Equal(9, await NextPriorityAsync());
    }

    [Fact]
    public async Task They_keep_them_as_dead_letters()
    {
        var topology = await DeclareAsync();
        await using var sender = MessageSender.Create(_address, "test", NullLoggerFactory.Instance);
        await sender.StartAsync();
        var failure = new ItemFailure(0, "bad", "no", null, Retryable: false);
        await new OutcomeRoutes(sender, topology, new ProcessIdentity("h", 1, "n"), NullLogger.Instance).DeadLetterAsync(Job(priority: 9), ["1"u8.ToArray()], [(0, failure)], CancellationToken.None);
        await using var pool = await PoolAsync();
        Assert.Equal(1, (await pool.DeadLetters(_kind).RedriveAsync()).Done);
        var (priority, job) = await NextAsync(Names.JobsQueue(_kind));
        Assert.Equal((9, 9), ((int)priority!, (int)job.Priority!));
    }

    [Fact]
    public async Task A_lower_one_does_not_wait_longer_to_be_tried_again()
    {
        var topology = await DeclareAsync();
        await using var sender = MessageSender.Create(_address, "test", NullLoggerFactory.Instance);
        await sender.StartAsync();
        var routes = new OutcomeRoutes(sender, topology, new ProcessIdentity("h", 1, "n"), NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var flood = FloodAsync();
        await routes.RetryAsync(new DelayedJob(TimeSpan.FromSeconds(2), Job(priority: 1), 1), CancellationToken.None);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(8));
            while (await NextPriorityAsync() != 1)
                limit.Token.ThrowIfCancellationRequested();
        }
        finally
        {
            await stop.CancelAsync();
            await flood;
        }

        async Task FloodAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                await routes.RetryAsync(new DelayedJob(TimeSpan.FromSeconds(2), Job(priority: 31), 1), CancellationToken.None);
                await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None);
            }
        }
    }

    private Task<JobPool> PoolAsync() => JobPool.ConnectAsync(TestBroker.Require(), new BrokerOptions { OnNotice = _notices.Add });

    private async Task<JobTopology> DeclareAsync()
    {
        var topology = new JobTopology(_connection);
        await topology.DeclareControlAsync();
        await topology.DeclareKindAsync(_kind);
        await topology.DeclareSuspectsAsync(_kind);
        return topology;
    }

    private RunJob Job(byte priority) => new()
    {
        JobId = Guid.CreateVersion7(),
        BatchId = Guid.CreateVersion7(),
        Kind = _kind,
        Items = new RawJson("[1]"u8.ToArray()),
        Indices = ItemIndices.From(0),
        Priority = priority,
        SubmittedAt = DateTimeOffset.UtcNow,
        SubmittedBy = new ProcessIdentity("h", 1, "n"),
    };

    private async Task<int?> NextPriorityAsync(string? queue = null) => (await NextAsync(queue ?? Names.JobsQueue(_kind))).Priority;

    private async Task<(int? Priority, RunJob Job)> NextAsync(string queue)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (true)
        {
            if (await _channel.BasicGetAsync(queue, autoAck: true, limit.Token) is { } message)
                return (message.BasicProperties.IsPriorityPresent() ? message.BasicProperties.Priority : null, JsonSerializer.Deserialize(message.Body.Span, MessageJson.Default.RunJob)!);
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        }
    }
}
