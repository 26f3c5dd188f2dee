using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Topology;

/// <summary>A durable queue and the binding by which it gets its messages; without a key it is not bound.</summary>
internal sealed record BoundQueue(string Name, Dictionary<string, object?> Arguments, string Exchange, string? RoutingKey);

/// <summary>Declares what may be declared already, by others too; what exists with other settings is told in words.</summary>
internal static class Declaration
{
    /// <summary>Declares exchanges.</summary>
    /// <exception cref="BrokerUnavailableException">One exists with another type.</exception>
    public static async Task ExchangesAsync(IChannel channel, (string Name, string Type)[] exchanges, CancellationToken cancellationToken)
    {
        foreach (var (name, type) in exchanges)
        {
            await AsDeclaredHereAsync($"exchange {name}", async () =>
            {
                await channel.ExchangeDeclareAsync(name, type, durable: true, cancellationToken: cancellationToken);
                return true;
            });
        }
    }

    /// <summary>Declares a queue and binds it.</summary>
    /// <exception cref="BrokerUnavailableException">It exists with other arguments.</exception>
    public static async Task<QueueDeclareOk> QueueAsync(IChannel channel, BoundQueue queue, CancellationToken cancellationToken)
    {
        var declared = await AsDeclaredHereAsync(
            $"queue {queue.Name}",
            () => channel.QueueDeclareAsync(queue.Name, durable: true, exclusive: false, autoDelete: false, queue.Arguments, cancellationToken: cancellationToken));
        if (queue.RoutingKey is { } key)
            await channel.QueueBindAsync(queue.Name, queue.Exchange, key, cancellationToken: cancellationToken);
        return declared;
    }

    private static async Task<T> AsDeclaredHereAsync<T>(string what, Func<Task<T>> declare)
    {
        try
        {
            return await declare();
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason is { ReplyCode: Constants.PreconditionFailed } reason)
        {
            throw new BrokerUnavailableException($"{what} exists with other settings than this version declares: use another virtual host, or empty and delete it ({reason.ReplyText})", e) { CanRetry = false };
        }
    }
}
