using Broker.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Queues;

/// <summary>
/// A channel on which one caller takes one item at a time. Where something on it was cut short it is disposed of: an answer that comes late may be an item, and the end of the channel returns
/// that to its queue.
/// </summary>
internal sealed class QueueChannel(HeldChannel held, BrokerAddress address) : IAsyncDisposable
{
    /// <summary>Below the client library's own limit of 20 seconds.</summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(15);

    /// <inheritdoc cref="HeldChannel.Lost"/>
    public CancellationToken Lost => held.Lost;

    public IChannel Channel => held.Channel;

    public bool IsOpen => held.Channel.IsOpen && !held.Lost.IsCancellationRequested;

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <exception cref="QueueMissingException">There is no such queue.</exception>
    /// <exception cref="BrokerUnavailableException">The channel is gone, or there is no answer.</exception>
    public async Task<T> AskAsync<T>(Func<IChannel, Task<T>> request, CancellationToken cancellationToken)
    {
        try
        {
            return await request(held.Channel).WaitAsync(RequestLimit, cancellationToken);
        }
        // The text is another where the queue is there, and its node is not.
        catch (OperationInterruptedException e) when (e.ShutdownReason is { ReplyCode: Constants.NotFound } reason && reason.ReplyText.Contains("no queue '", StringComparison.Ordinal))
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
}
