using Broker.Connection;

namespace Broker.Primitives.Queues;

/// <summary>Takes items of one queue, one at a time, so that no process holds items which another could work on.</summary>
/// <param name="transport">Channels.</param>
/// <param name="queue">The queue.</param>
/// <param name="declareAsync">Declares it again when somebody has deleted it.</param>
internal sealed class ItemReceiver(QueueTransport transport, string queue, Func<CancellationToken, Task> declareAsync)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long a wait stays on one channel. When a queue is deleted and declared again, RabbitMQ 3.10 may give its items to a channel that knew the old one, and then they do not
    /// come; the end of the channel returns them. Nothing says that this has happened, if others did it.
    /// </summary>
    private static readonly TimeSpan ChannelLife = TimeSpan.FromSeconds(30);

    /// <summary>Takes an item if there is one.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for <see cref="QueueTransport.Deadline"/>, or refuses us.</exception>
    public async Task<HeldItem?> TryTakeAsync(CancellationToken cancellationToken)
    {
        var channel = await transport.RentAsync(cancellationToken);
        try
        {
            if (await channel.AskAsync(open => open.BasicGetAsync(queue, autoAck: false, CancellationToken.None), cancellationToken) is { } got)
                return new HeldItem(transport, channel, got.DeliveryTag, got.BasicProperties.Type ?? "", got.BasicProperties.MessageId, got.Redelivered, got.Body.ToArray());
        }
        catch (QueueMissingException)
        {
            await channel.DisposeAsync();
            await DeclareAsync(cancellationToken);
            return null;
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }

        await transport.ReturnAsync(channel);
        return null;
    }

    /// <summary>Waits for an item, through any absence of the broker.</summary>
    /// <returns>Null when the wait was ended first.</returns>
    /// <exception cref="BrokerUnavailableException">The broker refuses us.</exception>
    public async Task<HeldItem?> WaitAsync(CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            try
            {
                if (await ConsumeOneAsync(until) is { } item)
                    return item;
            }
            catch (QueueMissingException)
            {
                await DeclareAsync(CancellationToken.None);
            }
            catch (BrokerUnavailableException e) when (e.CanRetry)
            {
                await Task.Delay(RetryDelay, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (until.IsCancellationRequested)
            {
                return null;
            }
        }

        return null;
    }

    private async Task<HeldItem?> ConsumeOneAsync(CancellationToken until)
    {
        var channel = await transport.RentAsync(until);
        var consumer = new OneDelivery(channel.Channel);
        try
        {
            var tag = await channel.AskAsync(
                open => open.BasicConsumeAsync(queue, autoAck: false, consumerTag: "", noLocal: false, exclusive: false, arguments: null, consumer, CancellationToken.None), until);
            await ((Task)Task.WhenAny(consumer.Came, consumer.Ended)).WaitAsync(ChannelLife, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (consumer.Ended.IsCompleted && channel.IsOpen)
                throw new QueueMissingException("the consumer was cancelled");
            // Before anything else: an item that is returned would come back to a consumer that is still there.
            await channel.AskAsync(open => open.BasicCancelAsync(tag, noWait: false, CancellationToken.None), CancellationToken.None);
            await channel.AskAsync(_ => consumer.Ended, CancellationToken.None);
            if (!channel.IsOpen)
                throw new BrokerUnavailableException("the connection was lost");
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }

        if (consumer.Delivery is { } got)
            return new HeldItem(transport, channel, got.Tag, got.Type, got.Id, got.Redelivered, got.Body);
        if (until.IsCancellationRequested)
            await transport.ReturnAsync(channel);
        else
            await channel.DisposeAsync();
        return null;
    }

    private async Task DeclareAsync(CancellationToken cancellationToken)
    {
        await transport.DropIdleAsync();
        await declareAsync(cancellationToken);
    }
}
