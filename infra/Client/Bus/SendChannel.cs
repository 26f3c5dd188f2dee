using Broker.Connection;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Bus;

/// <summary>
/// A channel of our own to send to one exchange, on the bus's connection; a new one when it is lost. On a channel of the bus any exception, an unroutable message
/// or a cancelled wait too, closes it under all other sends, and when its connection is lost, the bus disposes of it while the client still ends its sends.
/// </summary>
internal sealed class SendChannel(IRabbitMqHostConfiguration host, string exchange, string exchangeType)
{
    private readonly Lock _lock = new();
    private Task<HeldChannel>? _channel;

    /// <summary>Opens the channel ahead of the first message, so that the first messages go in the order of their sending.</summary>
    public Task BeginAsync() => GetAsync();

    /// <summary>Publishes once; completes when the broker has confirmed, and fails when the channel is lost before.</summary>
    public async Task PublishAsync(BasicProperties properties, string routingKey, byte[] body, bool mandatory)
    {
        var channel = await GetAsync();
        try
        {
            // A publish that waits for room on a lost connection keeps the client from ending the others (rabbitmq/rabbitmq-dotnet-client, issue 1930).
            // No other token: a cancelled publish corrupts the sequence of confirmations.
            await channel.Channel.BasicPublishAsync(exchange, routingKey, mandatory, properties, body, channel.Lost);
        }
        catch (OperationCanceledException) when (channel.Channel.CloseReason is { } reason)
        {
            throw new AlreadyClosedException(reason);
        }
    }

    private Task<HeldChannel> GetAsync()
    {
        lock (_lock)
        {
            if (_channel is null or { IsFaulted: true } or { IsCanceled: true } || _channel is { IsCompletedSuccessfully: true, Result.Channel.IsOpen: false })
                _channel = CallerContext.RunOutsideAsync(OpenAsync);
            return _channel;
        }
    }

    private async Task<HeldChannel> OpenAsync()
    {
        var opening = new Opening();
        await host.ConnectionContextSupervisor.Send(opening, CancellationToken.None);
        try
        {
            await opening.Channel!.Channel.ExchangeDeclareAsync(exchange, exchangeType, durable: true, autoDelete: false);
            return opening.Channel;
        }
        catch
        {
            await opening.Channel!.DisposeAsync();
            throw;
        }
    }

    private sealed class Opening : IPipe<ConnectionContext>
    {
        public HeldChannel? Channel { get; private set; }

        public async Task Send(ConnectionContext context) => Channel = await HeldChannel.OpenAsync(context.Connection, confirms: true, CancellationToken.None);

        public void Probe(ProbeContext context) => context.CreateScope("open");
    }
}
