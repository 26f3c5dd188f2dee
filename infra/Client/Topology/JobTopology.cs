using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Topology;

/// <summary>Declares what jobs need on the broker, looks at it, and removes what a client no longer needs.</summary>
internal sealed class JobTopology(BrokerConnection connection)
{
    private const ushort NotFound = 404;
    private const ushort PreconditionFailed = 406;

    /// <summary>
    /// Declares a kind's queue and its dead-letter queue, so that a job finds its queue whoever comes first: producer or consumer.
    /// </summary>
    public Task DeclareKindAsync(string kind, CancellationToken cancellationToken = default) => connection.WithChannelAsync(
        async channel =>
        {
            await channel.ExchangeDeclareAsync(Names.DeadExchange, ExchangeType.Direct, durable: true, cancellationToken: cancellationToken);
            await channel.ExchangeDeclareAsync(Names.JobsExchange, ExchangeType.Direct, durable: true, cancellationToken: cancellationToken);
            await DeclareQueueAsync(channel, Names.DeadQueue(kind), QueueArguments.Dead(), Names.DeadExchange, kind, cancellationToken);
            await DeclareQueueAsync(channel, Names.JobsQueue(kind), QueueArguments.Jobs(kind), Names.JobsExchange, kind, cancellationToken);
        },
        cancellationToken);

    /// <summary>Declares the exchanges that carry control messages and answers.</summary>
    public Task DeclareControlAsync(CancellationToken cancellationToken = default) => connection.WithChannelAsync(
        async channel =>
        {
            await channel.ExchangeDeclareAsync(Names.ControlExchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.ExchangeDeclareAsync(Names.ResultsExchange, ExchangeType.Direct, durable: true, cancellationToken: cancellationToken);
        },
        cancellationToken);

    /// <summary>How many messages of a kind are ready and how many consumers it has; null where the queue does not exist.</summary>
    public Task<QueueDepth?> LookAtJobsAsync(string kind, CancellationToken cancellationToken = default) => LookAsync(Names.JobsQueue(kind), cancellationToken);

    /// <inheritdoc cref="LookAtJobsAsync"/>
    public Task<QueueDepth?> LookAtDeadAsync(string kind, CancellationToken cancellationToken = default) => LookAsync(Names.DeadQueue(kind), cancellationToken);

    /// <summary>Deletes a client's results queue with whatever lies in it.</summary>
    public Task DeleteResultsAsync(string clientId, CancellationToken cancellationToken = default) =>
        connection.WithChannelAsync(channel => channel.QueueDeleteAsync(Names.ResultsQueue(clientId), cancellationToken: cancellationToken), cancellationToken);

    private static async Task DeclareQueueAsync(
        IChannel channel, string queue, Dictionary<string, object?> arguments, string exchange, string routingKey, CancellationToken cancellationToken)
    {
        try
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == PreconditionFailed)
        {
            throw new BrokerUnavailableException($"queue {queue} exists with other settings than this version declares: use another virtual host, or empty and delete the queue ({e.ShutdownReason.ReplyText})", e) { CanRetry = false };
        }

        await channel.QueueBindAsync(queue, exchange, routingKey, cancellationToken: cancellationToken);
    }

    private async Task<QueueDepth?> LookAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await connection.WithChannelAsync(channel => channel.QueueDeclarePassiveAsync(queue, cancellationToken), cancellationToken);
            return new QueueDepth(answer.MessageCount, answer.ConsumerCount);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == NotFound)
        {
            return null;
        }
    }
}

/// <param name="Ready">Messages that wait; those being worked on are not among them.</param>
/// <param name="Consumers">Consumer processes subscribed.</param>
internal sealed record QueueDepth(long Ready, long Consumers);
