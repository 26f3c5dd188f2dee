using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>
/// A pool's three connections: one sends jobs, one receives outcomes, one declares and looks. Opened when they are first needed, so
/// that a publish receives nothing.
/// </summary>
internal sealed class PoolLink : IAsyncDisposable
{
    /// <summary>Outcomes taken off the broker at once; they are only sorted into their batches.</summary>
    private const ushort ResultsPrefetch = 64;

    private static readonly TimeSpan ResendDelay = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan ClosingPatience = TimeSpan.FromSeconds(2);

    private readonly JobPoolOptions _options;
    private readonly BrokerConnection _connection;
    private readonly MessageSender _sender;
    private readonly Action<JobCompleted> _onCompleted;
    private readonly FleetCensus _census;
    private readonly string _name;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<string, Lazy<Task>> _declared = new();
    private readonly Lock _lock = new();
    private readonly IDisposable _measured;
    private Task? _sending;
    private Task<Receiver>? _receiver;
    private Task<MessageSender.Route>? _jobs;
    private Task<MessageSender.Route>? _control;

    private PoolLink(JobPoolOptions options, BrokerConnection connection, MessageSender sender, string name, Action<JobCompleted> onCompleted)
    {
        _options = options;
        _connection = connection;
        _sender = sender;
        _name = name;
        _onCompleted = onCompleted;
        _log = options.Logs.CreateLogger<JobPool>();
        _census = new FleetCensus(ClientId);
        Topology = new JobTopology(connection);
        connection.Lost += OnLost;
        connection.Restored += OnRestored;
        _measured = ClientMetrics.Connected(() => connection.IsOpen);
        _log.LogInformation(EventActions.BrokerConnected, "connected to {Broker}", connection.Address);
    }

    /// <summary>Routing key of everything that is meant for this pool.</summary>
    public string ClientId { get; } = Guid.CreateVersion7().ToString("N");

    public JobTopology Topology { get; }

    public static async Task<PoolLink> OpenAsync(BrokerAddress address, JobPoolOptions options, string name, Action<JobCompleted> onCompleted, CancellationToken cancellationToken)
    {
        // A bus takes about as long to be built as the first connection to be made. That connection tells what is wrong, if anything is:
        // the bus would go on trying in silence.
        var building = Task.Run(() => MessageSender.Create(address, $"{name} send", options.Logs), CancellationToken.None);
        var connection = await BrokerConnection.OpenAsync(address, $"{name} control", cancellationToken);
        try
        {
            return new PoolLink(options, connection, await building, name, onCompleted);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes sure that the kind has its queues, that we can send and, where outcomes are awaited, that we listen.</summary>
    /// <exception cref="BrokerUnavailableException">Not within the time that a send has.</exception>
    public async Task PrepareAsync(string kind, bool receive, CancellationToken cancellationToken)
    {
        var declared = _declared.GetOrAdd(kind, name => new Lazy<Task>(() => Topology.DeclareKindAsync(name, _closed.Token)));
        try
        {
            await Task.WhenAll(declared.Value, SendingAsync(), receive ? ListenAsync() : Task.CompletedTask).WaitAsync(MessageSender.Deadline, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw BrokerUnavailableException.From(e, _connection.Address);
        }
        catch
        {
            _declared.TryRemove(kind, out _);
            throw;
        }
    }

    /// <summary>Sends until the broker confirms, always with the same id: a job that arrives twice is answered once to the caller.</summary>
    /// <param name="patience">How long to go on while the broker is away.</param>
    public async Task SendJobAsync(RunJob job, byte[] body, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var redeclared = false;
        var jobs = await JobsAsync();
        while (true)
        {
            try
            {
                await jobs.SendAsync(MessageTypes.RunJob, job.Kind, job.JobId, body, mandatory: true, cancellationToken);
                return;
            }
            catch (UnroutableException) when (!redeclared)
            {
                redeclared = true;
                await Topology.DeclareKindAsync(job.Kind, cancellationToken);
            }
            catch (BrokerUnavailableException e) when (e.CanRetry && (patience == Timeout.InfiniteTimeSpan || Stopwatch.GetElapsedTime(started) < patience))
            {
                _log.LogDebug(e, "job {JobId} is sent again", job.JobId);
                await Task.Delay(ResendDelay, cancellationToken);
            }
        }
    }

    public async Task<IReadOnlyList<Pong>> AskFleetAsync(CancellationToken cancellationToken) =>
        await _census.AskAsync(await OpenControlAsync(cancellationToken), cancellationToken);

    public async Task<LogLevelChange> SetLogLevelAsync(SetLogLevel change, CancellationToken cancellationToken) =>
        await _census.ChangeAsync(await OpenControlAsync(cancellationToken), change, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _measured.Dispose();
        try
        {
            await Task.WhenAll(StopReceivingAsync(), _sending is null ? Task.CompletedTask : _sender.DisposeAsync().AsTask()).WaitAsync(ClosingPatience);
        }
        catch (TimeoutException e)
        {
            // A bus that is still looking for its broker does not let itself be stopped; nothing of ours is in it any more.
            _log.LogDebug(e, "the connections were left to themselves");
        }

        await _connection.DisposeAsync();
        _closed.Dispose();
    }

    private async Task StopReceivingAsync()
    {
        if (_receiver is not null)
        {
            try
            {
                await (await _receiver).DisposeAsync();
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                await Topology.DeleteResultsAsync(ClientId, patience.Token);
            }
            catch (Exception e)
            {
                // Whatever we cannot delete, the broker does: the queue expires.
                _log.LogDebug(e, "the results queue was left to expire");
            }
        }
    }

    private Task<Receiver> ListenAsync()
    {
        lock (_lock)
        {
            return _receiver ??= Receiver.StartAsync(
                _connection.Address,
                $"{_name} receive",
                _options.Logs,
                drain: TimeSpan.Zero,
                [new Subscription(Names.ResultsQueue(ClientId), Names.ResultsExchange, "direct", ClientId, QueueArguments.Results(), ResultsPrefetch, TakeAsync)],
                _closed.Token);
        }
    }

    private Task SendingAsync()
    {
        lock (_lock)
            return _sending ??= _sender.StartAsync(_closed.Token);
    }

    private Task<MessageSender.Route> JobsAsync()
    {
        lock (_lock)
            return _jobs ??= _sender.ToAsync(Names.JobsExchange, "direct");
    }

    private async Task<MessageSender.Route> OpenControlAsync(CancellationToken cancellationToken)
    {
        await Topology.DeclareControlAsync(cancellationToken);
        await Task.WhenAll(SendingAsync(), ListenAsync());
        return await ControlAsync();
    }

    private Task<MessageSender.Route> ControlAsync()
    {
        lock (_lock)
            return _control ??= _sender.ToAsync(Names.ControlExchange, "fanout");
    }

    private Task TakeAsync(Delivery delivery)
    {
        try
        {
            switch (delivery.Type)
            {
                case MessageTypes.JobCompleted:
                    _onCompleted(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.JobCompleted)!);
                    break;
                case MessageTypes.Pong:
                    _census.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.Pong)!);
                    break;
                case MessageTypes.LogLevelSet:
                    _census.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.LogLevelSet)!);
                    break;
                default:
                    _log.LogWarning("a message of unknown type '{Type}' came for this client and was dropped", delivery.Type);
                    break;
            }
        }
        catch (JsonException e)
        {
            _log.LogError(e, "a {Type} message that cannot be read was dropped", delivery.Type);
        }

        return Task.CompletedTask;
    }

    private void OnLost(string reason)
    {
        _log.LogInformation(EventActions.BrokerLost, "connection to {Broker} lost: {Reason}", _connection.Address, reason);
        _options.OnNotice?.Invoke($"connection to RabbitMQ at {_connection.Address.Host}:{_connection.Address.Port} lost; waiting for it to come back");
    }

    private void OnRestored()
    {
        _log.LogInformation(EventActions.BrokerRestored, "connection to {Broker} restored", _connection.Address);
        _options.OnNotice?.Invoke("connection to RabbitMQ restored; going on");
    }
}
