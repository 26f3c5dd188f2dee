using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Hosting.Running;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Broker.Hosting.Control;

/// <summary>Follows the stream of what was cancelled, from its beginning and over lost connections.</summary>
internal sealed class CancelledFollower : IAsyncDisposable
{
    /// <summary>What reading the stream may hold up the start of a consumer.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>After a loss the stream is read again from so long before it was noticed: a silent network takes its time, and clocks differ.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(10);

    private const ushort Prefetch = 200;

    private readonly BrokerConnection _connection;
    private readonly JobTopology _topology;
    private readonly CancelledJobs _cancelled;
    private readonly RunningJobs _running;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _caughtUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _following;
    private DateTimeOffset? _lastRead;
    private string _said = "";

    /// <summary>Begins to follow.</summary>
    public CancelledFollower(BrokerConnection connection, JobTopology topology, CancelledJobs cancelled, RunningJobs running, ILogger log)
    {
        (_connection, _topology, _cancelled, _running, _log) = (connection, topology, cancelled, running, log);
        _following = RunAsync(_stop.Token);
    }

    /// <summary>Waits until all that was cancelled before is known, or for five seconds: a consumer without that knowledge is better than none.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _caughtUp.Task.WaitAsync(StartTimeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            _log.LogWarning("what was cancelled before could not be read within {Seconds} s: jobs are taken nevertheless", StartTimeout.TotalSeconds);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(_lastRead is { } last ? new AmqpTimestamp((last - Overlap).ToUnixTimeSeconds()) : "first", stop);
            }
            catch (Exception e) when (e is BrokerUnavailableException or RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException or OperationCanceledException)
            {
                // Mostly the connection is lost, which is logged where that is noticed.
                if (e is BrokerUnavailableException { CanRetry: false } && e.Message != _said)
                    _log.LogWarning("cancellations do not reach this process: {Reason}", _said = e.Message);
            }

            await Task.Delay(RetryDelay, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(object from, CancellationToken stop)
    {
        await _topology.DeclareCancelledAsync(stop);
        await using var held = await _connection.OpenChannelAsync(confirms: true, stop);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, held.Lost);
        var marker = Guid.CreateVersion7();
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var consumer = new AsyncEventingBasicConsumer(held.Channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            if (Take(message.Body) == marker)
                read.TrySetResult();
            await held.Channel.BasicAckAsync(message.DeliveryTag, multiple: false, CancellationToken.None);
        };
        // Somebody deleted the stream, or its node is gone.
        consumer.UnregisteredAsync += (_, _) =>
        {
            gone.TrySetResult();
            return Task.CompletedTask;
        };
        await held.Channel.BasicQosAsync(0, Prefetch, global: false, ended.Token);
        await held.Channel.BasicConsumeAsync(
            Names.CancelledStream, autoAck: false, consumerTag: "", noLocal: false, exclusive: false, new Dictionary<string, object?> { ["x-stream-offset"] = from }, consumer, ended.Token);
        await MarkAsync(held.Channel, marker);
        await Task.WhenAny(read.Task, gone.Task).WaitAsync(ended.Token);
        if (!read.Task.IsCompleted)
            return;
        _caughtUp.TrySetResult();
        try
        {
            await gone.Task.WaitAsync(ended.Token);
        }
        finally
        {
            _lastRead = DateTimeOffset.UtcNow;
        }
    }

    /// <summary>The end of a stream is not told; what comes before this was there.</summary>
    private static async Task MarkAsync(IChannel channel, Guid marker)
    {
        var body = MessageSender.Write(new CancelJobs { Ids = [], CancelledAt = DateTimeOffset.UtcNow, Marker = marker }, MessageJson.Default.CancelJobs);
        await channel.BasicPublishAsync(Names.JobsExchange, Names.CancelledKey, mandatory: true, new BasicProperties { Type = MessageTypes.CancelJobs, Persistent = true }, body, CancellationToken.None);
    }

    /// <returns>Its marker, where it is one.</returns>
    private Guid? Take(ReadOnlyMemory<byte> body)
    {
        try
        {
            var message = JsonSerializer.Deserialize(body.Span, MessageJson.Default.CancelJobs) ?? throw new JsonException("the body is null");
            if (_cancelled.Learn(message, _running) is > 0 and var jobs)
                _log.LogInformation(EventActions.JobCancelled, "{Jobs} jobs that are held here were cancelled", jobs);
            return message.Marker;
        }
        catch (Exception e)
        {
            // Bad input may raise any exception type; the stream goes on behind it.
            _log.LogWarning("a cancellation that cannot be read was dropped: {Reason}", e.Message);
            return null;
        }
    }
}
