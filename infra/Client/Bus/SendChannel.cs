using Broker.Connection;
using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Bus;

/// <summary>
/// A channel to send to one exchange, on the bus's connection; the bus makes a new one when it is lost. Published on directly: within the bus's own pipeline
/// any exception, an unroutable message or a cancelled wait too, closes the channel under all other sends.
/// </summary>
internal sealed class SendChannel(IRabbitMqHostConfiguration host, string exchange, string exchangeType)
{
    /// <summary>
    /// How many messages a connection may have unconfirmed. The client (7.2) holds 128 frames; who has to wait for room keeps the lock that it needs to end a
    /// lost connection, and neither ends (rabbitmq/rabbitmq-dotnet-client, issue 1930). The rest is for heartbeats and declarations.
    /// </summary>
    public const int MaxUnconfirmed = 120;

    private readonly Lock _lock = new();
    private readonly ChannelContextSupervisor _channels = new(host.ConnectionContextSupervisor, concurrentMessageLimit: null);
    private Task<Opening>? _channel;

    /// <summary>Publishes once; completes when the broker has confirmed, and fails when the channel ends before. At most <see cref="MaxUnconfirmed"/> at once on a connection.</summary>
    public async Task PublishAsync(BasicProperties properties, string routingKey, byte[] body, bool mandatory)
    {
        var opened = await GetAsync();
        Task publishing;
        // One at a time, so that none waits inside the client for its lock.
        lock (_lock)
        {
            // Never with a token: a cancelled publish corrupts the sequence of confirmations.
            publishing = opened.Channel.BasicPublishAsync(exchange, routingKey, mandatory, properties, body, CancellationToken.None).AsTask();
        }

        try
        {
            // A channel that is disposed of before it has been told that it is lost leaves its publishes without an end.
            await publishing.WaitAsync(opened.Lost);
        }
        catch (OperationCanceledException) when (opened.Lost.IsCancellationRequested)
        {
            _ = publishing.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            throw new AlreadyClosedException(opened.Channel.CloseReason!);
        }
    }

    private Task<Opening> GetAsync()
    {
        lock (_lock)
        {
            if (_channel is null or { IsFaulted: true } or { IsCanceled: true } || _channel is { IsCompletedSuccessfully: true, Result.Channel.IsOpen: false })
                _channel = CallerContext.RunOutsideAsync(OpenAsync);
            return _channel;
        }
    }

    private async Task<Opening> OpenAsync()
    {
        var opening = new Opening(exchange, exchangeType);
        await _channels.Send(opening, CancellationToken.None);
        return opening;
    }

    private sealed class Opening(string exchange, string exchangeType) : IPipe<ChannelContext>
    {
        public IChannel Channel { get; private set; } = null!;

        /// <summary>Cancelled when the channel has ended.</summary>
        public CancellationToken Lost { get; private set; }

        public async Task Send(ChannelContext context)
        {
            await context.Channel.ExchangeDeclareAsync(exchange, exchangeType, durable: true, autoDelete: false);
            Channel = context.Channel;
            var lost = new CancellationTokenSource();
            Lost = lost.Token;
            Channel.ChannelShutdownAsync += (_, _) =>
            {
                _ = lost.CancelAsync();
                return Task.CompletedTask;
            };
            if (!Channel.IsOpen)
                await lost.CancelAsync();
        }

        public void Probe(ProbeContext context) => context.CreateScope("open");
    }
}
