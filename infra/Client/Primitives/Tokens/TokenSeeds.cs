using Broker.Connection;
using Broker.Primitives.Log;
using Broker.Topology;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Tokens;

/// <summary>Declares the queue of a name and publishes its tokens.</summary>
internal sealed class TokenSeeds(PrimitiveLink link, ILogger log)
{
    /// <summary>How many are published without waiting for the confirmation of the first.</summary>
    private const int Window = 256;

    /// <summary>Without confirmation for so long, as under an alarm, it is not known what is published.</summary>
    private static readonly TimeSpan ConfirmLimit = TimeSpan.FromSeconds(30);

    /// <summary>Declares the queue, and opens a channel to publish on.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public async Task<HeldChannel> PrepareAsync(TokenSet set, CancellationToken cancellationToken)
    {
        var holding = await link.HoldingAsync(cancellationToken);
        try
        {
            await holding.WithChannelAsync(channel => DeclareAsync(channel, set, cancellationToken), cancellationToken);
        }
        catch (OperationInterruptedException e)
        {
            throw BrokerUnavailableException.From(e, holding.Address);
        }

        var publishing = await link.PublishingAsync(cancellationToken);
        return await publishing.OpenChannelAsync(confirms: true, cancellationToken);
    }

    /// <summary>Publishes all tokens of an epoch, each once.</summary>
    /// <returns>Whether all are in the queue. Otherwise it is not known which are, or will be: they must not be published again under this epoch.</returns>
    public async Task<bool> TryPublishAsync(HeldChannel channel, TokenSet set, long epoch)
    {
        try
        {
            foreach (var permits in Enumerable.Range(0, set.Permits).Chunk(Window))
            {
                var sent = permits.Select(permit => PublishAsync(channel.Channel, set.Queue, Token.Body(epoch, permit))).ToList();
                await Task.WhenAll(sent).WaitAsync(ConfirmLimit);
            }

            return true;
        }
        catch (Exception e)
        {
            log.LogDebug(e, "the tokens of {Set} are seeded again", set);
            return false;
        }
    }

    private static async Task DeclareAsync(IChannel channel, TokenSet set, CancellationToken cancellationToken)
    {
        await Declaration.ExchangesAsync(channel, [(Names.TokenExchange, ExchangeType.Direct)], cancellationToken);
        await Declaration.QueueAsync(channel, new BoundQueue(set.Queue, QueueArguments.Token(), Names.TokenExchange, set.Queue), cancellationToken);
    }

    private static Task PublishAsync(IChannel channel, string queue, byte[] body) =>
        channel.BasicPublishAsync(Names.TokenExchange, queue, mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, body, CancellationToken.None).AsTask();
}
