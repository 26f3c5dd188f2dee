using Broker.Connection;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using RabbitMQ.Client;

namespace Broker.Bus;

/// <summary>
/// A channel to send to one exchange, on the bus's connection; the bus makes a new one when it is lost. Published on directly: within the bus's own pipeline
/// any exception, an unroutable message or a cancelled wait too, closes the channel under all other sends.
/// </summary>
internal sealed class SendChannel(IRabbitMqHostConfiguration host, string exchange, string exchangeType)
{
    private readonly Lock _lock = new();
    private readonly ChannelContextSupervisor _channels = new(host.ConnectionContextSupervisor, concurrentMessageLimit: null);
    private Task<IChannel>? _channel;

    /// <summary>Publishes once; completes when the broker has confirmed.</summary>
    public async Task PublishAsync(BasicProperties properties, string routingKey, byte[] body, bool mandatory)
    {
        var channel = await GetAsync();
        // Never with a token: a cancelled publish corrupts the sequence of confirmations.
        await channel.BasicPublishAsync(exchange, routingKey, mandatory, properties, body, CancellationToken.None);
    }

    private Task<IChannel> GetAsync()
    {
        lock (_lock)
        {
            if (_channel is null or { IsFaulted: true } or { IsCanceled: true } || _channel is { IsCompletedSuccessfully: true, Result.IsOpen: false })
                _channel = CallerContext.RunOutsideAsync(OpenAsync);
            return _channel;
        }
    }

    private async Task<IChannel> OpenAsync()
    {
        var opening = new Opening(exchange, exchangeType);
        await _channels.Send(opening, CancellationToken.None);
        return opening.Channel!;
    }

    private sealed class Opening(string exchange, string exchangeType) : IPipe<ChannelContext>
    {
        public IChannel? Channel { get; private set; }

        public async Task Send(ChannelContext context)
        {
            await context.Channel.ExchangeDeclareAsync(exchange, exchangeType, durable: true, autoDelete: false);
            Channel = context.Channel;
        }

        public void Probe(ProbeContext context) => context.CreateScope("open");
    }
}
