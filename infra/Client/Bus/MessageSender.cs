using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Connection;
using Broker.Telemetry;
using MassTransit;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client.Exceptions;

namespace Broker.Bus;

/// <summary>
/// Sends messages on a connection that only sends. A send completes when the broker has confirmed the message, or fails on timeout:
/// neither an unavailable broker nor one under a memory alarm blocks a caller for longer than <see cref="Deadline"/>.
/// </summary>
internal sealed class MessageSender : IAsyncDisposable
{
    /// <summary>Maximum body size. RabbitMQ 4 refuses more than 16 MiB; half of that leaves room for the fields of a dead letter.</summary>
    public const int MaxBodyBytes = 8 * 1024 * 1024;

    /// <summary>Timeout of one send; whether the message arrived is then unknown.</summary>
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

    /// <summary>Creates a sender without connecting.</summary>
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

    /// <summary>A route to one exchange, to be reused. The type must be that of the exchange, because sending declares it.</summary>
    public async Task<Route> ToAsync(string exchange, string exchangeType) =>
        new(await _bus.GetSendEndpoint(new Uri($"exchange:{exchange}?type={exchangeType}")), exchange, _address, _watch);

    /// <summary>Maximum size of a dead letter: a job of maximum size and its failure.</summary>
    public const int MaxDeadLetterBytes = MaxBodyBytes + (6 * 1024 * 1024);

    /// <summary>Serializes a message.</summary>
    /// <exception cref="MessageTooLargeException">It is larger than <paramref name="limit"/>.</exception>
    public static byte[] Write<T>(T message, JsonTypeInfo<T> type, int limit = MaxBodyBytes)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message, type);
        return body.Length <= limit ? body : throw new MessageTooLargeException(body.Length, limit);
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _bus.StopAsync(timeout.Token);
        _watch.Dispose();
    }

    /// <summary>A destination of a sender's messages.</summary>
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

        /// <summary>Sends and waits for the broker's confirmation. To retry after an unknown result, use the same <paramref name="messageId"/>.</summary>
        /// <param name="mandatory">Whether an unroutable message is an error.</param>
        /// <exception cref="UnroutableException">No queue is bound for the routing key.</exception>
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
