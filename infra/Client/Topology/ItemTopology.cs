using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Topology;

/// <summary>Declares the queues of items, and closes them: a queue that is closed has no binding, so what is put into it comes back.</summary>
internal static class ItemTopology
{
    private static readonly (string Name, string Type)[] Exchanges = [(Names.ItemExchange, ExchangeType.Direct)];

    /// <param name="open">Whether items may be put; a queue that is not open is emptied only.</param>
    /// <exception cref="BrokerUnavailableException">The queue exists with other settings.</exception>
    public static async Task DeclareAsync(IChannel channel, string queue, bool open)
    {
        await Declaration.ExchangesAsync(channel, Exchanges, CancellationToken.None);
        await Declaration.QueueAsync(channel, new BoundQueue(queue, QueueArguments.Items(), Names.ItemExchange, open ? queue : null), CancellationToken.None);
    }

    public static Task CloseAsync(IChannel channel, string queue) => channel.QueueUnbindAsync(queue, Names.ItemExchange, queue, arguments: null, CancellationToken.None);

    /// <summary>Declares one end of a pipe.</summary>
    /// <returns>False if the end is in use, by another connection or by this one.</returns>
    /// <exception cref="OperationInterruptedException">The broker does not let us.</exception>
    public static async Task<bool> DeclarePipeAsync(IChannel channel, string queue)
    {
        try
        {
            await Declaration.ExchangesAsync(channel, Exchanges, CancellationToken.None);
            var declared = await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, QueueArguments.Pipe(), cancellationToken: CancellationToken.None);
            if (declared.ConsumerCount > 0)
                return false;
            await channel.QueueBindAsync(queue, Names.ItemExchange, queue, cancellationToken: CancellationToken.None);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.ResourceLocked)
        {
            return false;
        }
    }
}
