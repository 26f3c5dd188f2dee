using System.Threading.Channels;
using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Broker.Primitives.Tokens;

/// <summary>Takes permits of one queue on one channel. If it fails or is cut short, the channel is disposed of, and with it the wait and what was taken.</summary>
/// <param name="channel">Used by nobody else.</param>
/// <param name="queue">The queue.</param>
/// <param name="wanted">How many permits.</param>
/// <param name="judgeAsync">Decides what becomes of a token.</param>
internal sealed class TokenTake(TokenChannel channel, string queue, int wanted, Func<Token, CancellationToken, Task<TokenUse>> judgeAsync)
{
    private readonly Channel<Token> _deliveries = System.Threading.Channels.Channel.CreateUnbounded<Token>();
    private readonly List<Token> _taken = [];
    private string _consumer = "";

    public IReadOnlyList<Token> Taken => _taken;

    /// <summary>Whether the channel has neither a consumer nor a delivery.</summary>
    public bool IsUnused => _consumer.Length == 0 && _taken.Count == 0;

    /// <summary>Takes what is there.</summary>
    /// <returns>Whether that is enough.</returns>
    /// <exception cref="QueueMissingException">The queue was deleted.</exception>
    /// <exception cref="BrokerUnavailableException">The channel is gone, or there is no answer.</exception>
    public async Task<bool> GetAsync(CancellationToken cancellationToken)
    {
        while (_taken.Count < wanted)
        {
            if (await channel.AskAsync(asked => asked.BasicGetAsync(queue, autoAck: false), cancellationToken) is not { } message)
                return false;
            await AcceptAsync(Token.Of(message.Body.Span, message.BasicProperties, message.DeliveryTag), cancellationToken);
        }

        return true;
    }

    /// <summary>Gets in line. Those who want one permit are served in the order of their subscriptions, who wants several before them.</summary>
    /// <exception cref="QueueMissingException">The queue was deleted.</exception>
    /// <exception cref="BrokerUnavailableException">The channel is gone, or there is no answer.</exception>
    public async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        var consumer = new AsyncEventingBasicConsumer(channel.Channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            _deliveries.Writer.TryWrite(Token.Of(message.Body.Span, message.BasicProperties, message.DeliveryTag));
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) =>
        {
            _deliveries.Writer.TryComplete();
            return Task.CompletedTask;
        };
        var arguments = wanted == 1 ? null : new Dictionary<string, object?> { ["x-priority"] = 1 };
        await channel.AskAsync(asked => asked.BasicQosAsync(0, (ushort)wanted, global: false), cancellationToken);
        _consumer = await channel.AskAsync(
            asked => asked.BasicConsumeAsync(queue, autoAck: false, consumerTag: "", noLocal: false, exclusive: false, arguments, consumer), cancellationToken);
    }

    /// <summary>Waits until there are enough.</summary>
    /// <exception cref="BrokerUnavailableException">The channel is gone, or the queue was deleted.</exception>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        await using var lost = channel.Lost.UnsafeRegister(static deliveries => ((Channel<Token>)deliveries!).Writer.TryComplete(), _deliveries);
        await foreach (var token in _deliveries.Reader.ReadAllAsync(cancellationToken))
        {
            await AcceptAsync(token, cancellationToken);
            if (_taken.Count < wanted)
                continue;
            // Before anything is returned, or it would be delivered here again.
            await channel.AskAsync(asked => asked.BasicCancelAsync(_consumer), cancellationToken);
            return;
        }

        throw new BrokerUnavailableException($"the wait for {queue} was ended: {channel.Reason ?? "the queue was deleted"}");
    }

    private async Task AcceptAsync(Token token, CancellationToken cancellationToken)
    {
        if (await judgeAsync(token, cancellationToken) != TokenUse.Take)
        {
            await DestroyAsync(token, cancellationToken);
            return;
        }

        // Meanwhile all was seeded anew.
        foreach (var old in _taken.Where(old => old.Epoch != token.Epoch))
            await DestroyAsync(old, cancellationToken);
        _taken.RemoveAll(old => old.Epoch != token.Epoch);
        _taken.Add(token);
    }

    private Task DestroyAsync(Token token, CancellationToken cancellationToken) =>
        channel.AskAsync(asked => asked.BasicAckAsync(token.Tag, multiple: false, CancellationToken.None).AsTask(), cancellationToken);
}
