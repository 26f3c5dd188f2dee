using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_send_fails : ILogger
{
    private readonly TaskCompletionSource _again = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _name = $"sends-{FleetPlan.NewSuffix()}";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Others_on_its_route_are_sent_once_and_on_the_same_channel(bool unroutable)
    {
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.ExchangeDeclareAsync(_name, ExchangeType.Direct, durable: true);
        await channel.QueueDeclareAsync(_name, durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync(_name, _name, _name);
        await using var sender = MessageSender.Create(BrokerAddress.Parse(TestBroker.Require()), _name, NullLoggerFactory.Instance);
        await sender.StartAsync(TestContext.Current.CancellationToken);
        var route = sender.To(_name, ExchangeType.Direct);
        var sending = new List<Task>();
        for (var message = 0; message < 500; message++)
        {
            sending.Add(route.SendAsync("test", _name, Guid.NewGuid(), new byte[100], mandatory: true, CancellationToken.None));
            if (message % 50 != 0)
                continue;
            using var cancel = new CancellationTokenSource();
            var failing = route.SendAsync("test", unroutable ? "nobody" : _name, Guid.NewGuid(), new byte[100], mandatory: unroutable, cancel.Token);
            if (unroutable)
            {
                await Assert.ThrowsAsync<UnroutableException>(() => failing);
                continue;
            }

            await cancel.CancelAsync();
            await failing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await Task.WhenAll(sending).WaitAsync(RunningProgram.DefaultTimeout, TestContext.Current.CancellationToken);
        var seen = new HashSet<string>();
        uint count = 0;
        while (await channel.BasicGetAsync(_name, autoAck: true) is { } got)
        {
            count++;
            seen.Add(got.BasicProperties.MessageId!);
        }

        // A channel closed under them would have had some published twice.
        Assert.Equal(seen.Count, (int)count);
        Assert.InRange((int)count, 500, 510);
        await channel.QueueDeleteAsync(_name);
        await channel.ExchangeDeleteAsync(_name);
    }

    [Fact]
    public async Task What_was_written_to_a_lost_connection_is_sent_on_the_next()
    {
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.ExchangeDeclareAsync(_name, ExchangeType.Direct, durable: true);
        await channel.QueueDeclareAsync(_name, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 1 });
        await channel.QueueBindAsync(_name, _name, _name);
        using var way = new BrokerFront();
        await using var sender = MessageSender.Create(BrokerAddress.Parse(way.Url), _name, NullLoggerFactory.Instance);
        await sender.StartAsync(TestContext.Current.CancellationToken);
        var routes = new[] { sender.To(_name, ExchangeType.Direct), sender.To(_name, ExchangeType.Direct) };
        // More than the client and the sockets hold, so that one waits for room when the connection is lost.
        var body = new byte[128 * 1024];
        var sending = Enumerable.Range(0, 600)
            .Select(message => routes[message % 2].SendAsync("test", _name, Guid.NewGuid(), body, mandatory: true, TestContext.Current.CancellationToken, bounded: false)).ToList();
        await await Task.WhenAny(sending);
        Assert.Contains(sending, send => !send.IsCompleted);
        way.Cut();
        await Task.WhenAll(sending).WaitAsync(RunningProgram.DefaultTimeout, TestContext.Current.CancellationToken);
        await channel.QueueDeleteAsync(_name);
        await channel.ExchangeDeleteAsync(_name);
    }

    [Fact]
    public async Task A_job_without_a_queue_waits_for_the_connection_that_declares_one()
    {
        using var way = new BrokerFront();
        await using var connection = await BrokerConnection.OpenAsync(BrokerAddress.Parse(way.Url), _name);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Lost += _ => lost.TrySetResult();
        await using var sender = MessageSender.Create(BrokerAddress.Parse(TestBroker.Require()), _name, NullLoggerFactory.Instance);
        var outbox = new PoolOutbox(sender, new JobTopology(connection), this, CancellationToken.None);
        await outbox.StartAsync();
        way.Refuse();
        await lost.Task.WaitAsync(RunningProgram.DefaultTimeout);
        var job = new RunJob
        {
            JobId = Guid.CreateVersion7(),
            Kind = _name,
            Items = new RawJson("[1]"u8.ToArray()),
            Indices = ItemIndices.From(0),
            BatchId = Guid.CreateVersion7(),
            SubmittedAt = DateTimeOffset.UtcNow,
            SubmittedBy = new ProcessIdentity("host", 1, "test"),
        };
        var sending = outbox.SendJobAsync(job, MessageSender.Write(job, MessageJson.Default.RunJob), Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
        await Task.WhenAny(sending, _again.Task).WaitAsync(RunningProgram.DefaultTimeout);
        Assert.False(sending.IsCompleted);
        way.Allow();
        await sending.WaitAsync(RunningProgram.DefaultTimeout);
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        Assert.NotEqual(0, (await probe.TakeAsync(channel, Names.JobsQueue(_name))).Length);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [_name]);
    }

    /// <summary>It is logged when a job is about to be sent again.</summary>
    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _again.TrySetResult();

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;
}
