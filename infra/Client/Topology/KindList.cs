using System.Text;
using Broker.Connection;
using Broker.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Topology;

/// <summary>
/// The names of kinds, remembered on the broker: AMQP has no list of queues, and a kind that no consumer serves now may hold jobs or dead letters. A queue whose
/// messages are the names; reading takes them all and requeues one of each.
/// </summary>
internal sealed class KindList(BrokerConnection connection)
{
    /// <summary>Adds a kind; it may be there already. What is refused is left out: without the list nothing fails, and <c>status</c> shows such a kind when it is named.</summary>
    public async Task AddAsync(string kind, CancellationToken cancellationToken)
    {
        try
        {
            await connection.WithChannelAsync(
                async channel =>
                {
                    await channel.QueueDeclareAsync(Names.KindsQueue, durable: true, exclusive: false, autoDelete: false, QueueArguments.Kinds(), cancellationToken: cancellationToken);
                    await channel.QueueBindAsync(Names.KindsQueue, Names.JobsExchange, Names.KindsKey, cancellationToken: cancellationToken);
                    await channel.BasicPublishAsync(
                        Names.JobsExchange, Names.KindsKey, mandatory: false, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes(kind), CancellationToken.None);
                },
                cancellationToken);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            // Not permitted, or its node is down.
        }
    }

    /// <summary>All names but those <paramref name="gone"/>, which are removed; none where the list does not exist, or may not be read.</summary>
    public async Task<IReadOnlyCollection<string>> ReadAsync(IReadOnlyCollection<string> gone, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.WithChannelAsync(channel => ReadAsync(channel, gone, cancellationToken), cancellationToken);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            return [];
        }
    }

    private static bool IsRefusal(Exception error) => error is OperationInterruptedException or BrokerUnavailableException { CanRetry: false };

    private static async Task<IReadOnlyCollection<string>> ReadAsync(IChannel channel, IReadOnlyCollection<string> gone, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>();
        ulong last = 0;
        while (await channel.BasicGetAsync(Names.KindsQueue, autoAck: false, cancellationToken) is { } message)
        {
            var name = Encoding.UTF8.GetString(message.Body.Span);
            if (KindName.IsValid(name) && !gone.Contains(name) && names.Add(name))
                last = message.DeliveryTag;
            else
                await channel.BasicAckAsync(message.DeliveryTag, multiple: false, cancellationToken);
        }

        if (last > 0)
            await channel.BasicNackAsync(last, multiple: true, requeue: true, cancellationToken);
        return names;
    }
}
