using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Topology;

/// <summary>Declares the streams of the primitives' log.</summary>
internal static class LogTopology
{
    /// <exception cref="BrokerUnavailableException">The broker is away, or does not let us; or a stream of the name exists with other settings.</exception>
    public static async Task DeclareAsync(BrokerConnection connection, int number, CancellationToken cancellationToken)
    {
        try
        {
            await connection.WithChannelAsync(
                async channel =>
                {
                    await Declaration.ExchangesAsync(channel, [(Names.LogExchange, ExchangeType.Direct)], cancellationToken);
                    await Declaration.QueueAsync(channel, new BoundQueue(Names.LogStream(number), QueueArguments.Log(), Names.LogExchange, $"{number}"), cancellationToken);
                },
                cancellationToken);
        }
        catch (OperationInterruptedException e)
        {
            throw BrokerUnavailableException.From(e, connection.Address);
        }
    }
}
