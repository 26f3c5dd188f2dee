using System.Collections.Concurrent;
using Broker.Connection;
using Broker.Primitives.Log;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Queues;

/// <summary>What the queues of a process have in common: channels to take items by, on the connection that never publishes, and a channel to send them by, on the other.</summary>
internal sealed class QueueTransport(PrimitiveLink link) : IAsyncDisposable
{
    /// <summary>How long a request waits for a broker that is away.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private const int MaxIdle = 16;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentStack<QueueChannel> _idle = new();
    private int _disposed;

    public ItemSender Sender { get; } = new(link);

    /// <summary>A request that is neither a delivery nor a message, and that may be repeated.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for <see cref="Deadline"/>, or refuses us.</exception>
    public Task<T> RequestAsync<T>(Func<IChannel, Task<T>> request, CancellationToken cancellationToken) =>
        RepeatAsync(
            async limit =>
            {
                var connection = await link.HoldingAsync(limit);
                try
                {
                    return await connection.WithChannelAsync(request, limit);
                }
                catch (OperationInterruptedException e)
                {
                    throw BrokerUnavailableException.From(e, connection.Address);
                }
            },
            cancellationToken);

    /// <summary>A channel on which nothing is unacknowledged, consumed or awaited.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for <see cref="Deadline"/>, or refuses us.</exception>
    public async Task<QueueChannel> RentAsync(CancellationToken cancellationToken)
    {
        while (_idle.TryPop(out var idle))
        {
            if (idle.IsOpen)
                return idle;
            await idle.DisposeAsync();
        }

        return await OpenAsync(prefetch: 1, cancellationToken);
    }

    /// <summary>A channel of the caller's own.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for <see cref="Deadline"/>, or refuses us.</exception>
    public Task<QueueChannel> OpenAsync(ushort prefetch, CancellationToken cancellationToken) => RepeatAsync(limit => OpenOnceAsync(prefetch, limit), cancellationToken);

    /// <summary>Takes a channel back.</summary>
    public async ValueTask ReturnAsync(QueueChannel channel)
    {
        if (channel.IsOpen && _idle.Count < MaxIdle)
            _idle.Push(channel);
        else
            await channel.DisposeAsync();
        if (Volatile.Read(ref _disposed) == 1)
            await DisposeAsync();
    }

    /// <summary>Closes the channels that are not in use.</summary>
    public async Task DropIdleAsync()
    {
        while (_idle.TryPop(out var idle))
            await idle.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _disposed, 1);
        await Sender.DisposeAsync();
        await DropIdleAsync();
    }

    private async Task<QueueChannel> OpenOnceAsync(ushort prefetch, CancellationToken cancellationToken)
    {
        var connection = await link.HoldingAsync(cancellationToken);
        var channel = new QueueChannel(await connection.OpenChannelAsync(confirms: false, cancellationToken), connection.Address);
        try
        {
            await channel.AskAsync(open => open.BasicQosAsync(0, prefetch, global: false, CancellationToken.None), cancellationToken);
            return channel;
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }
    }

    private static async Task<T> RepeatAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Deadline);
        BrokerUnavailableException? last = null;
        while (true)
        {
            try
            {
                if (last is not null)
                    await Task.Delay(RetryDelay, limit.Token);
                return await work(limit.Token);
            }
            catch (BrokerUnavailableException e) when (e.CanRetry && !limit.IsCancellationRequested)
            {
                last = e;
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw last ?? new BrokerUnavailableException($"RabbitMQ did not answer within {Deadline.TotalSeconds:0} s", e);
            }
        }
    }
}
