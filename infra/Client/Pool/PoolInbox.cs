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

    private readonly ClientSettings _settings;
    private readonly FleetClient _fleet;
    private readonly JobTopology _topology;
    private readonly OpenBatches _batches;
    private readonly ILogger _log;
    private readonly CancellationToken _closed;

    public PoolInbox(ClientSettings settings, FleetClient fleet, JobTopology topology, OpenBatches batches, CancellationToken closed)
    {
        _settings = settings;
        _fleet = fleet;
        _topology = topology;
        _batches = batches;
        _closed = closed;
        _log = settings.Logs.CreateLogger<JobPool>();
        Receiver = new ResultsReceiver(ListenAsync, topology.LookAtResultsAsync, TimeProvider.System, _log);
    }

    public ResultsReceiver Receiver { get; }

    /// <summary>Stops listening and deletes the results queue.</summary>
    public async Task StopAsync()
    {
        try
        {
            if (!await Receiver.StopAsync())
                return;
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _topology.DeleteResultsAsync(Receiver.ClientId, timeout.Token);
        }
        catch (Exception e)
        {
            // Whatever we cannot delete, the broker does: the queue expires.
            _log.LogDebug(e, "the results queue was left to expire");
        }
    }

    private async Task<IAsyncDisposable> ListenAsync(string clientId) => await Bus.Receiver.StartAsync(
        _settings.Address,
        $"{_settings.Name} receive",
        _settings.Logs,
        [new Subscription(Names.ResultsQueue(clientId), Names.ResultsExchange, "direct", clientId, QueueArguments.Results(), ResultsPrefetch, TakeAsync)],
        _closed);

    private Task TakeAsync(Delivery delivery)
    {
        try
        {
            switch (delivery.Type)
            {
                case MessageTypes.JobCompleted:
                    _batches.Accept(MessageBody.Read(delivery.Body, MessageJson.Default.JobCompleted)!);
                    break;
                case MessageTypes.JobDelayed:
                    _batches.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.JobDelayed)!);
                    break;
                case MessageTypes.JobProgress:
                    _batches.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.ProgressReport)!);
                    break;
                case MessageTypes.Pong:
                    _fleet.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.Pong)!);
                    break;
                case MessageTypes.LogLevelSet:
                    _fleet.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.LogLevelSet)!);
                    break;
                case MessageTypes.Draining:
                    _fleet.Accept(JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.Draining)!);
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
}
