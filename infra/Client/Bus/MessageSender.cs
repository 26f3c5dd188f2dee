using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Connection;
using Broker.Telemetry;
using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
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
    private readonly IRabbitMqHostConfiguration _host;
    private readonly Reconnect _reconnect;
    private readonly BrokerAddress _address;
    private readonly BlockedWatch _watch;
    private readonly CoarseDeadline _deadline = new(Deadline, TimeProvider.System);
    private readonly CancellationTokenSource _closing;

    private MessageSender(IBusControl bus, IRabbitMqHostConfiguration host, Reconnect reconnect, CancellationTokenSource closing, BrokerAddress address, ILogger log)
    {
        _bus = bus;
        _host = host;
        _reconnect = reconnect;
        _closing = closing;
        _address = address;
        _watch = new BlockedWatch(address, log, TimeProvider.System);
    }

    /// <summary>Creates a sender without connecting.</summary>
    public static MessageSender Create(BrokerAddress address, string connectionName, ILoggerFactory logs)
    {
        IRabbitMqHostConfiguration? host = null;
        var closing = new CancellationTokenSource();
        var reconnect = new Reconnect(address, connectionName, closing.Token);
        var bus = BusFactory.Create(address, connectionName, logs, reconnect, configuration => host = configuration.HostConfiguration);
        return new MessageSender(bus, host!, reconnect, closing, address, logs.CreateLogger<MessageSender>());
    }

    /// <exception cref="BrokerUnavailableException">No connection.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _bus.StartAsync(cancellationToken);
            _reconnect.Connected();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw BrokerUnavailableException.From(e, _address);
        }
    }

    /// <summary>A route to one exchange, to be reused. The type must be that of the exchange, because sending declares it.</summary>
    public Route To(string exchange, string exchangeType) => new(this, exchange, exchangeType);

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
        await _closing.CancelAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _bus.StopAsync(timeout.Token);
        _watch.Dispose();
    }

    /// <summary>A destination of a sender's messages.</summary>
    public sealed class Route
    {
        private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

        private readonly MessageSender _sender;
        private readonly string _exchange;
        private readonly SendChannel _channel;

        internal Route(MessageSender sender, string exchange, string exchangeType)
        {
            _sender = sender;
            _exchange = exchange;
            _channel = new SendChannel(sender._host, exchange, exchangeType);
        }

        /// <inheritdoc cref="SendChannel.BeginAsync"/>
        public Task BeginAsync() => _channel.BeginAsync();

        /// <summary>
        /// Sends and waits for the broker's confirmation, again under the same id while there is no connection. To retry after an unknown result, use the
        /// same <paramref name="messageId"/>. A wait that ends disturbs no other send.
        /// </summary>
        /// <param name="mandatory">Whether an unroutable message is an error.</param>
        /// <param name="bounded">Whether <see cref="Deadline"/> applies; without it only <paramref name="cancellationToken"/> ends the wait.</param>
        /// <param name="priority">That of the message; null for that of messages without one.</param>
        /// <param name="lifetime">How long it is of use: it is kept in memory only, and dropped from a queue where it has waited for so long. Null keeps it.</param>
        /// <exception cref="UnroutableException">No queue is bound for the routing key.</exception>
        /// <exception cref="BrokerUnavailableException">Not confirmed: the message may or may not have arrived.</exception>
        public async Task SendAsync(string type, string routingKey, Guid messageId, byte[] body, bool mandatory, CancellationToken cancellationToken, bool bounded = true, byte? priority = null, TimeSpan? lifetime = null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var begun = ClientMetrics.Begin();
            string? error = "unconfirmed";
            var message = new Message(type, routingKey, messageId, body, mandatory, priority, lifetime);
            _sender._watch.Sending();
            var publishing = PublishAsync(message);
            var deadline = bounded ? _sender._deadline.Begin() : CancellationToken.None;
            try
            {
                await publishing.WaitAsync(deadline).WaitAsync(cancellationToken);
                error = null;
            }
            catch (UnroutableException)
            {
                error = "unroutable";
                throw;
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw message.LastError ?? new BrokerUnavailableException(
                    $"RabbitMQ at {_sender._address.Current} did not confirm a message within {Deadline.TotalSeconds:0} s: is it down, or blocked by a memory or disk alarm?", e);
            }
            finally
            {
                if (!publishing.IsCompleted)
                {
                    message.Abandoned = true;
                    _ = publishing.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                }

                _sender._watch.Ended(confirmed: error is null or "unroutable");
                ClientMetrics.Sent(_exchange, routingKey, begun, error);
            }
        }

        private async Task PublishAsync(Message message)
        {
            while (true)
            {
                try
                {
                    await _channel.PublishAsync(message.ToProperties(), message.RoutingKey, message.Body, message.Mandatory);
                    return;
                }
                catch (RabbitMQ.Client.Exceptions.PublishException e) when (e.IsReturn)
                {
                    throw new UnroutableException($"no queue takes messages for '{message.RoutingKey}'", e);
                }
                catch (Exception e) when (e is MassTransitException or RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException or OperationCanceledException)
                {
                    // The client's own time limits come as a cancellation; no token of ours was given to it.
                    message.LastError = BrokerUnavailableException.From(e, _sender._address);
                    if (!message.LastError.CanRetry || message.Abandoned || _sender._closing.IsCancellationRequested)
                        throw message.LastError;
                }

                await Task.Delay(RetryDelay, _sender._closing.Token);
                if (message.Abandoned)
                    return;
            }
        }

        private sealed record Message(string Type, string RoutingKey, Guid MessageId, byte[] Body, bool Mandatory, byte? Priority, TimeSpan? Lifetime)
        {
            /// <summary>Its sender no longer waits, so it is not published again.</summary>
            public volatile bool Abandoned;

            public BrokerUnavailableException? LastError { get; set; }

            // The client writes into them, so each attempt has its own.
            public BasicProperties ToProperties()
            {
                var properties = new BasicProperties { ContentType = "application/json", Persistent = Lifetime is null, MessageId = MessageId.ToString(), Type = Type };
                if (Priority is { } priority)
                    properties.Priority = priority;
                if (Lifetime is { } lifetime)
                    properties.Expiration = ((long)lifetime.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
                return properties;
            }
        }
    }
}
