using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Tokens;

/// <summary>
/// A channel for the permits of one caller at a time. Whenever something on it was cut short it is disposed of: an answer that comes late may be a token, and the end of the channel
/// returns that to its queue.
/// </summary>
internal sealed class TokenChannel(HeldChannel held, BrokerAddress address) : IAsyncDisposable
{
    /// <summary>Below the client library's own limit of 20 seconds.</summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(15);

    /// <inheritdoc cref="HeldChannel.Lost"/>
    public CancellationToken Lost => held.Lost;

    public IChannel Channel => held.Channel;

    public bool IsOpen => held.Channel.IsOpen && !held.Lost.IsCancellationRequested;

    /// <summary>Why it is gone.</summary>
    public string? Reason => held.Channel.CloseReason?.ReplyText;

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="QueueMissingException">The queue does not exist.</exception>
    /// <exception cref="BrokerUnavailableException">The channel is gone, or there is no answer.</exception>
    public async Task<T> AskAsync<T>(Func<IChannel, Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request(held.Channel).WaitAsync(RequestLimit, cancellationToken);
        }
        catch (OperationInterruptedException e) when (IsMissing(e.ShutdownReason))
        {
            throw new QueueMissingException(e.Message, e);
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw BrokerUnavailableException.From(e, address);
        }
    }

    public Task AskAsync(Func<IChannel, Task> request, CancellationToken cancellationToken) =>
        AskAsync(
            async channel =>
            {
                await request(channel);
                return true;
            },
            cancellationToken);

    public ValueTask DisposeAsync() => held.DisposeAsync();

    /// <summary>RabbitMQ answers 404 for a queue too whose node is down or which is recovering, with another text; that one has its tokens still.</summary>
    private static bool IsMissing(ShutdownEventArgs? reason) =>
        reason is { ReplyCode: Constants.NotFound } && reason.ReplyText.Contains("no queue '", StringComparison.Ordinal);
}
