using System.Collections.Concurrent;
using System.Diagnostics;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace Broker.Pool;

/// <summary>A pool's three connections: one sends jobs, one receives outcomes, one declares and looks.</summary>
internal sealed class PoolLink : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>What the connections may take to close, and the results queue to be deleted, on a busy machine.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(8);

    /// <summary>A bus that is still looking for its broker does not let itself be stopped.</summary>
    private static readonly TimeSpan CloseTimeoutWithoutBroker = TimeSpan.FromSeconds(2);

    private readonly ClientSettings _settings;
    private readonly BrokerConnection _connection;
    private readonly PoolInbox _inbox;
    private readonly PoolOutbox _outbox;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closed = new();
    private readonly IDisposable _measured;
    private readonly ConcurrentDictionary<string, Once<bool>> _declared = new();

    public PoolLink(ClientSettings settings, BrokerConnection connection, MessageSender sender, OpenBatches batches)
    {
        _settings = settings;
        _connection = connection;
        _log = settings.Logs.CreateLogger<JobPool>();
        Topology = new JobTopology(connection);
        Fleet = new FleetClient(() => ClientId, SendToConsumersAsync, Topology.LookAtKindAsync, TimeProvider.System)
        {
            ListKindsAsync = Topology.ListKindsAsync,
            CountDelayedAsync = Topology.CountDelayedAsync,
        };
        _inbox = new PoolInbox(settings, Fleet, Topology, batches, _closed.Token);
        Watch = new SilenceWatch(_inbox.Receiver.LookAsync, TraceAsync, _log, TimeProvider.System, _closed.Token);
        _outbox = new PoolOutbox(sender, Topology, _log, _closed.Token);
        connection.Lost += OnLost;
        connection.Restored += OnRestored;
        _measured = ClientMetrics.Connected(() => connection.IsOpen);
        _log.LogInformation(EventActions.BrokerConnected, "connected to {Broker}", connection.Address);
    }

    /// <summary>Routing key of everything that is meant for this pool.</summary>
    public string ClientId => _inbox.Receiver.ClientId;

    public JobTopology Topology { get; }

    /// <summary>For whatever is not a job.</summary>
    public BrokerConnection Connection => _connection;

    /// <summary>Watches calls that wait.</summary>
    public SilenceWatch Watch { get; }

    /// <summary>Asks the consumers over this link.</summary>
    public FleetClient Fleet { get; }

    /// <summary>Makes sure that the kind has its queues, that we can send and, where outcomes are awaited, that we listen.</summary>
    /// <param name="timeout">How long to go on while the broker is away.</param>
    /// <exception cref="BrokerUnavailableException">Not within that time, or the broker refuses.</exception>
    public async Task PrepareAsync(string kind, bool receive, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var declared = _declared.GetOrAdd(kind, name => new Once<bool>(() => DeclareAsync(name)));
        while (true)
        {
            var left = timeout == Timeout.InfiniteTimeSpan ? timeout : Max(timeout - Stopwatch.GetElapsedTime(started), TimeSpan.Zero);
            try
            {
                await AllOrFirstFailureAsync(declared.GetAsync(), _outbox.StartAsync(), receive ? _inbox.Receiver.ListenAsync() : Task.CompletedTask).WaitAsync(left, cancellationToken);
                return;
            }
            catch (Exception e) when (IsOfBroker(e))
            {
                // Where the call was ended just then, that is the reason to tell.
                cancellationToken.ThrowIfCancellationRequested();
                // The client's own time limits come as a cancellation that is nobody's.
                var unavailable = e as BrokerUnavailableException ?? BrokerUnavailableException.From(e, _settings.Address);
                if (!unavailable.CanRetry || left == TimeSpan.Zero || e is TimeoutException)
                    throw unavailable;
                _log.LogDebug(e, "{Kind} is prepared again", kind);
            }

            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    /// <inheritdoc cref="PoolOutbox.SendJobAsync"/>
    public Task SendJobAsync(RunJob job, byte[] body, TimeSpan timeout, CancellationToken cancellationToken) => _outbox.SendJobAsync(job, body, timeout, cancellationToken);

    /// <summary>What is said of a detached batch.</summary>
    public BatchStream StreamOf(Guid batchId) => new(_connection, Topology, batchId, _log);

    /// <inheritdoc cref="PoolOutbox.AnnounceAsync"/>
    public Task AnnounceAsync(BatchDetached batch, CancellationToken cancellationToken) => _outbox.AnnounceAsync(batch, cancellationToken);

    /// <inheritdoc cref="PoolOutbox.CancelJobsAsync"/>
    public Task CancelJobsAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => _outbox.CancelJobsAsync(ids, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _measured.Dispose();
        try
        {
            await Task.WhenAll(_inbox.StopAsync(), _outbox.StopAsync()).WaitAsync(_connection.IsOpen ? CloseTimeout : CloseTimeoutWithoutBroker);
        }
        catch (TimeoutException e)
        {
            // Nothing of ours is in them any more.
            _log.LogDebug(e, "the connections were left to themselves");
        }

        await _connection.DisposeAsync();
        _closed.Dispose();
    }

    /// <summary>The bus tries for ever to declare what we are not permitted to; the declaration beside it says so at once.</summary>
    private static async Task AllOrFirstFailureAsync(params Task[] tasks)
    {
        await foreach (var ended in Task.WhenEach(tasks))
            await ended;
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static bool IsOfBroker(Exception error) =>
        error is BrokerUnavailableException or RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException or OperationCanceledException;

    private async Task<bool> DeclareAsync(string kind)
    {
        await Topology.DeclareKindAsync(kind, _closed.Token);
        return true;
    }

    private async Task<KindTrace> TraceAsync(string kind, CancellationToken cancellationToken)
    {
        // The queues first: a job that is taken meanwhile is with a consumer when that is asked.
        var queue = await Topology.LookAtJobsAsync(kind, cancellationToken);
        var suspects = await Topology.CountSuspectsAsync(kind, cancellationToken);
        return new KindTrace(kind, queue, suspects, await Fleet.AskAsync(cancellationToken));
    }

    private async Task SendToConsumersAsync(string type, Guid messageId, byte[] body, CancellationToken cancellationToken)
    {
        await Topology.DeclareControlAsync(cancellationToken);
        await Task.WhenAll(_outbox.StartAsync(), _inbox.Receiver.ListenAsync()).WaitAsync(cancellationToken);
        // Mandatory: each live consumer has a queue there, so a message that no queue takes says at once that there is none.
        await _outbox.Control.SendAsync(type, "", messageId, body, mandatory: true, cancellationToken);
    }

    private void OnLost(string reason)
    {
        _log.LogInformation(EventActions.BrokerLost, "connection to {Broker} lost: {Reason}", _settings.Address, reason);
        _settings.OnNotice?.Invoke($"connection to RabbitMQ at {_settings.Address.Current} lost; waiting for it to come back");
    }

    private void OnRestored()
    {
        _log.LogInformation(EventActions.BrokerRestored, "connection to {Broker} restored", _settings.Address);
        _settings.OnNotice?.Invoke("connection to RabbitMQ restored; going on");
    }
}
