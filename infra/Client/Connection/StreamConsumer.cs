using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Broker.Connection;

/// <summary>A message of a stream.</summary>
/// <param name="Offset">Its place in the stream.</param>
/// <param name="Type">The AMQP type; empty where it has none.</param>
/// <param name="Body">A copy.</param>
internal readonly record struct StreamMessage(long Offset, string Type, ReadOnlyMemory<byte> Body);

/// <summary>
/// Reads a stream on a channel of its own, from a place on. One message is handled at a time and acknowledged afterwards, with others, which is what paces the broker. It ends with
/// its channel, or when the stream is deleted; whoever reads on then begins another.
/// </summary>
internal sealed class StreamConsumer : IAsyncDisposable
{
    /// <summary>From the first message that the stream still holds.</summary>
    public const string First = "first";

    /// <summary>What the handling of a message may hold up the end.</summary>
    private static readonly TimeSpan ClosingLimit = TimeSpan.FromSeconds(2);

    private readonly HeldChannel _held;

    /// <summary>Of the message that is being handled.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ended;

    /// <summary>How many messages are acknowledged at once.</summary>
    private readonly int _together;
    private int _unacknowledged;

    private StreamConsumer(HeldChannel held, CancellationTokenSource ended, int together) => (_held, _ended, _together) = (held, ended, together);

    /// <summary>Cancelled when no more messages come.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Begins to read.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="stream">The stream, which exists.</param>
    /// <param name="from">An offset, an <see cref="AmqpTimestamp"/>, or <see cref="First"/>. By a timestamp, reading begins with the chunk of messages that holds it.</param>
    /// <param name="prefetch">How many messages may be on the way.</param>
    /// <param name="handleAsync">Handles a message; the next is given when it returns. Its token is <see cref="Ended"/>; what it throws ends the reading.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<StreamConsumer> StartAsync(
        BrokerConnection connection, string stream, object from, ushort prefetch, Func<StreamMessage, CancellationToken, Task> handleAsync, CancellationToken cancellationToken)
    {
        var held = await connection.OpenChannelAsync(confirms: true, cancellationToken);
        var ended = CancellationTokenSource.CreateLinkedTokenSource(held.Lost);
        var self = new StreamConsumer(held, ended, Math.Max(1, prefetch / 2));
        try
        {
            var consumer = new AsyncEventingBasicConsumer(held.Channel);
            consumer.ReceivedAsync += (_, message) => self.HandleAsync(message, handleAsync);
            consumer.UnregisteredAsync += (_, _) => self.EndAsync();
            await held.Channel.BasicQosAsync(0, prefetch, global: false, cancellationToken);
            await held.Channel.BasicConsumeAsync(
                stream, autoAck: false, consumerTag: "", noLocal: false, exclusive: false, new Dictionary<string, object?> { ["x-stream-offset"] = from }, consumer, cancellationToken);
            return self;
        }
        catch
        {
            await self.DisposeAsync();
            throw;
        }
    }

    /// <summary>Appends a message by an exchange; returns when it is confirmed. The end of a stream is not told: what comes before such a message was there.</summary>
    public async Task AppendAsync(string exchange, string routingKey, string type, ReadOnlyMemory<byte> body) =>
        await _held.Channel.BasicPublishAsync(exchange, routingKey, mandatory: true, new BasicProperties { Type = type, Persistent = true }, body, _held.Lost);

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        // The broker ends a connection that acknowledges on a channel which it has closed; nothing is acknowledged any more after this turn.
        if (await _turn.WaitAsync(ClosingLimit))
            _turn.Release();
        await _held.DisposeAsync();
    }

    private async Task HandleAsync(BasicDeliverEventArgs message, Func<StreamMessage, CancellationToken, Task> handleAsync)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            var offset = message.BasicProperties.Headers is { } headers && headers.TryGetValue("x-stream-offset", out var place) && place is IConvertible number ? number.ToInt64(null) : 0;
            await handleAsync(new StreamMessage(offset, message.BasicProperties.Type ?? "", message.Body.ToArray()), Ended);
            if (++_unacknowledged < _together || Ended.IsCancellationRequested)
                return;
            _unacknowledged = 0;
            await _held.Channel.BasicAckAsync(message.DeliveryTag, multiple: true, CancellationToken.None);
        }
        catch (Exception)
        {
            await EndAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    // Never disposed of: its readers may be late, and without a timer it holds one registration, which goes with the channel.
    private Task EndAsync() => _ended.CancelAsync();
}
