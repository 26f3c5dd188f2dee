using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Hosting.Running;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
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
                await FollowAsync(_lastRead is { } last ? new AmqpTimestamp((last - Overlap).ToUnixTimeSeconds()) : StreamConsumer.First, stop);
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
        var marker = Guid.CreateVersion7();
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var consumer = await StreamConsumer.StartAsync(_connection, Names.CancelledStream, from, Prefetch, TakeAsync, stop);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, consumer.Ended);
        var mark = new CancelJobs { Ids = [], CancelledAt = DateTimeOffset.UtcNow, Marker = marker };
        await consumer.AppendAsync(Names.JobsExchange, Names.CancelledKey, MessageTypes.CancelJobs, MessageSender.Write(mark, MessageJson.Default.CancelJobs));
        await read.Task.WaitAsync(end.Token);
        _caughtUp.TrySetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, end.Token);
        }
        finally
        {
            _lastRead = DateTimeOffset.UtcNow;
        }

        Task TakeAsync(StreamMessage message, CancellationToken ended)
        {
            if (Take(message.Body) == marker)
                read.TrySetResult();
            return Task.CompletedTask;
        }
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
