using Broker.Connection;
using Broker.Primitives.Log;
using Broker.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Queues;

/// <summary>
/// Sends items, each once: one whose confirmation is lost may have been stored, and is not sent again, for it would then be there twice. Items of one sender that are sent one after another are
/// stored in that order.
/// </summary>
internal sealed class ItemSender(PrimitiveLink link) : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Task<HeldChannel>? _opening;

    /// <summary>Opens the channel ahead of the first item, so that the first items go in the order of their sending.</summary>
    public Task BeginAsync(CancellationToken cancellationToken) => OpenAsync().WaitAsync(cancellationToken);

    /// <summary>Returns when the broker has confirmed it.</summary>
    /// <returns>False if no queue is bound for the key: then it was not stored.</returns>
    /// <exception cref="BrokerUnavailableException">It was not confirmed; says whether it may have been stored.</exception>
    public async Task<bool> SendAsync(string key, BasicProperties properties, ReadOnlyMemory<byte> body)
    {
        using var limit = new CancellationTokenSource(QueueTransport.Deadline);
        var channel = await GetAsync(limit.Token);
        try
        {
            // No token but that of the channel's end: a cancelled publish corrupts the sequence of confirmations.
            await channel.Channel.BasicPublishAsync(Names.ItemExchange, key, mandatory: true, properties, body, channel.Lost).AsTask().WaitAsync(limit.Token);
            return true;
        }
        catch (PublishException e) when (e.IsReturn)
        {
            return false;
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException or OperationCanceledException)
        {
            throw new BrokerUnavailableException("RabbitMQ did not confirm what was sent: it may have been stored", e);
        }
    }

    /// <summary>One that is still being opened is not waited for: it waits for the broker, and ends with its connection.</summary>
    public ValueTask DisposeAsync() => _opening is { IsCompletedSuccessfully: true, Result: var channel } ? channel.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Waits for the broker: nothing has been sent yet.</summary>
    private async Task<HeldChannel> GetAsync(CancellationToken limit)
    {
        while (true)
        {
            try
            {
                return await OpenAsync().WaitAsync(limit);
            }
            catch (BrokerUnavailableException e) when (e.CanRetry && !limit.IsCancellationRequested)
            {
                await Task.Delay(RetryDelay, limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException e)
            {
                throw new BrokerUnavailableException($"{link.Cause ?? "RabbitMQ did not answer"}: nothing was sent", e);
            }
        }
    }

    private Task<HeldChannel> OpenAsync()
    {
        lock (_lock)
        {
            if (_opening is null or { IsFaulted: true } or { IsCanceled: true } || _opening is { IsCompletedSuccessfully: true, Result.Channel.IsOpen: false })
                _opening = CallerContext.RunOutsideAsync(async () => await (await link.PublishingAsync(CancellationToken.None)).OpenChannelAsync(confirms: true));
            return _opening;
        }
    }
}
