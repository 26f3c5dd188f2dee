using System.Text.Json;
using Broker.Bus;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>What a pool receives: outcomes, and the consumers' answers. Listens from when it is first needed, so that a publish receives nothing.</summary>
internal sealed class PoolInbox
{
    /// <summary>Outcomes taken off the broker at once; they are only sorted into their batches.</summary>
    private const ushort ResultsPrefetch = 64;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(5);

    private readonly ClientSettings _settings;
    private readonly FleetClient _fleet;
    private readonly JobTopology _topology;
    private readonly Action<JobCompleted> _onCompleted;
    private readonly ILogger _log;
    private readonly CancellationToken _closed;
    private volatile Listening _listening;
    private bool _deaf;
    private bool _moved;

    public PoolInbox(ClientSettings settings, FleetClient fleet, JobTopology topology, Action<JobCompleted> onCompleted, CancellationToken closed)
    {
        _settings = settings;
        _fleet = fleet;
        _topology = topology;
        _onCompleted = onCompleted;
        _closed = closed;
        _log = settings.Logs.CreateLogger<JobPool>();
        _listening = Listen(NewClientId());
    }

    /// <summary>Routing key of everything that is meant for this pool.</summary>
    public string ClientId => _listening.ClientId;

    public Task ListenAsync() => _listening.Receiver.GetAsync();

    /// <summary>
    /// Looks whether the broker has us as a consumer of the results queue. Where it has not, twice in a row, the receiver is started again, and where that
    /// fails too, with a new queue: the node of the old one is away. One look at a time.
    /// </summary>
    public async Task<InboxState> LookAsync(CancellationToken cancellationToken)
    {
        if (await _topology.LookAtResultsAsync(ClientId, cancellationToken) is { Consumers: > 0 })
        {
            _deaf = false;
            if (!_moved)
                return InboxState.Listening;
            _moved = false;
            return InboxState.Moved;
        }

        if (_deaf)
            await StartAgainAsync(cancellationToken);
        _deaf = !_deaf;
        return InboxState.Unknown;
    }

    /// <summary>Stops listening and deletes the results queue.</summary>
    public async Task StopAsync()
    {
        if (_listening.Receiver.Started is not { } starting)
            return;
        try
        {
            await (await starting).DisposeAsync();
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _topology.DeleteResultsAsync(ClientId, timeout.Token);
        }
        catch (Exception e)
        {
            // Whatever we cannot delete, the broker does: the queue expires.
            _log.LogDebug(e, "the results queue was left to expire");
        }
    }

    private static string NewClientId() => Guid.CreateVersion7().ToString("N");

    private Listening Listen(string clientId) => new(clientId, new Once<Receiver>(() => Receiver.StartAsync(
        _settings.Address,
        $"{_settings.Name} receive",
        _settings.Logs,
        [new Subscription(Names.ResultsQueue(clientId), Names.ResultsExchange, "direct", clientId, QueueArguments.Results(), ResultsPrefetch, TakeAsync)],
        _closed)));

    private async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        var old = _listening;
        _log.LogWarning("nothing consumes the results queue of this pool: the receiver is started again");
        var again = Listen(old.ClientId);
        try
        {
            await again.Receiver.GetAsync().WaitAsync(StartTimeout, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Leave(again);
            // Throws where the broker is away: then its queue is not to blame.
            await _topology.LookAtResultsAsync(old.ClientId, cancellationToken);
            _log.LogWarning(e, "the results queue of this pool cannot be used and is replaced");
            again = Listen(NewClientId());
            _moved = true;
        }

        _listening = again;
        Leave(old);
        await again.Receiver.GetAsync().WaitAsync(StartTimeout, cancellationToken);
    }

    /// <summary>Not waited for: a receiver that is stuck may not let itself be stopped.</summary>
    private static void Leave(Listening left) => _ = left.Receiver.Started?.ContinueWith(
        static async started => await (started.IsCompletedSuccessfully ? (await started).DisposeAsync() : ValueTask.CompletedTask),
        CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    private Task TakeAsync(Delivery delivery)
    {
        try
        {
            switch (delivery.Type)
            {
                case MessageTypes.JobCompleted:
                    _onCompleted(MessageBody.Read(delivery.Body, MessageJson.Default.JobCompleted)!);
                    break;
                case MessageTypes.Pong:
                    _fleet.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.Pong)!);
                    break;
                case MessageTypes.LogLevelSet:
                    _fleet.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.LogLevelSet)!);
                    break;
                default:
                    _log.LogWarning("a message of unknown type '{Type}' for this client was dropped", delivery.Type);
                    break;
            }
        }
        catch (Exception e)
        {
            // Requeued, it would come again at once and for ever. Bad input may raise any exception type, not only a JsonException.
            _log.LogError(e, "a {Type} message that cannot be read was dropped", delivery.Type);
        }

        return Task.CompletedTask;
    }

    private sealed record Listening(string ClientId, Once<Receiver> Receiver);
}
