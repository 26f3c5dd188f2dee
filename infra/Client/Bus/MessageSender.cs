using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Connection;
using Broker.Telemetry;
using MassTransit;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace Broker.Bus;

/// <summary>
/// Sends to one exchange, on a connection that only sends. A send ends when the broker has confirmed the message, and bounds itself:
/// neither a broker that went away nor one under a memory alarm can hold a caller for longer than <see cref="Deadline"/>.
/// </summary>
internal sealed class MessageSender : IAsyncDisposable
{
    /// <summary>The largest body that is sent. RabbitMQ 4 refuses 16 MiB, and half of that leaves room for a dead letter's wrapping.</summary>
    public const int LargestBody = 8 * 1024 * 1024;

    /// <summary>How long one send may take before its fate counts as unknown.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly IBusControl _bus;
    private readonly BrokerAddress _address;

    private readonly BlockedWatch _watch;

    private MessageSender(IBusControl bus, BrokerAddress address, ILogger log)
    {
        _bus = bus;
        _address = address;
        _watch = new BlockedWatch(address, log, TimeProvider.System);
    }

    /// <summary>Builds a sender without connecting.</summary>
    public static MessageSender Create(BrokerAddress address, string connectionName, ILoggerFactory logs) =>
        new(BusFactory.Create(address, connectionName, logs), address, logs.CreateLogger<MessageSender>());

    /// <exception cref="BrokerUnavailableException">No connection.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _bus.StartAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw BrokerUnavailableException.From(e, _address);
        }
    }

    /// <summary>A path to one exchange, to be kept and reused. The type has to be the exchange's own, for sending declares it.</summary>
    public async Task<Route> ToAsync(string exchange, string exchangeType) =>
        new(await _bus.GetSendEndpoint(new Uri($"exchange:{exchange}?type={exchangeType}")), exchange, _address, _watch);

    /// <summary>The largest dead letter: a job of the largest size and why it was given up.</summary>
    public const int LargestDeadLetter = LargestBody + (6 * 1024 * 1024);

    /// <summary>Writes a message as it will travel.</summary>
    /// <exception cref="MessageTooLargeException">It is larger than <paramref name="limit"/>.</exception>
    public static byte[] Write<T>(T message, JsonTypeInfo<T> type, int limit = LargestBody)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, type);
        return body.Length <= limit ? body : throw new MessageTooLargeException(body.Length, limit);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _bus.StopAsync(patience.Token);
        _watch.Dispose();
    }

    /// <summary>Where a sender's messages go.</summary>
    public sealed class Route
    {
        private readonly ISendEndpoint _endpoint;
        private readonly string _exchange;
        private readonly BrokerAddress _address;
        private readonly BlockedWatch _watch;

        internal Route(ISendEndpoint endpoint, string exchange, BrokerAddress address, BlockedWatch watch)
        {
            _endpoint = endpoint;
            _exchange = exchange;
            _address = address;
            _watch = watch;
        }

        /// <summary>Sends and waits for the broker's confirmation. Sent again with the same <paramref name="messageId"/> after an unknown fate.</summary>
        /// <param name="mandatory">Whether a message that no queue takes is an error.</param>
        /// <exception cref="UnroutableException">No queue takes it.</exception>
        /// <exception cref="BrokerUnavailableException">Not confirmed: the message may or may not have arrived.</exception>
        public async Task SendAsync(string type, string routingKey, Guid messageId, byte[] body, bool mandatory, CancellationToken cancellationToken)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Deadline);
            var begun = ClientMetrics.Begin();
            string? error = "unconfirmed";
            _watch.Sending();
            try
            {
                await _endpoint.Send(new OutgoingMessage(body, type, routingKey, messageId, mandatory), OutgoingEnvelope.Instance, deadline.Token);
                error = null;
            }
            catch (MessageReturnedException e)
            {
                error = "unroutable";
                throw new UnroutableException($"no queue takes messages for '{routingKey}'", e);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new BrokerUnavailableException(
                    $"RabbitMQ at {_address.Host}:{_address.Port} did not confirm a message within {Deadline.TotalSeconds:0} s: is it down, or blocked by a memory or disk alarm?", e);
            }
            catch (Exception e) when (e is not OperationCanceledException and (MassTransitException or RabbitMQClientException or IOException or ObjectDisposedException))
            {
                throw BrokerUnavailableException.From(e, _address);
            }
            finally
            {
                _watch.Ended(confirmed: error is null);
                ClientMetrics.Sent(_exchange, routingKey, begun, error);
            }
        }
    }
}
