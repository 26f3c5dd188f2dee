using System.Collections.Concurrent;
using System.Text.Json;
using Broker.Connection;
using Broker.Primitives.Queues;

namespace Broker.Primitives;

/// <summary>Takes items from one queue.</summary>
internal sealed class QueueGetter<T>(QueueAccount account, QueueDoor door, ItemReceiver receiver, JsonSerializerOptions json)
{
    /// <summary>The numbers of items that were got here, and are unfinished.</summary>
    private readonly ConcurrentQueue<long> _undone = new();

    /// <returns>Null when the timeout came first.</returns>
    /// <exception cref="PrimitiveClosedException">The queue is closed and empty.</exception>
    public async Task<HeldItem?> TakeAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await door.OpenAsync(cancellationToken);
        using var limit = WaitTimeout.Limit(timeout, cancellationToken);
        while (true)
        {
            // Before the queue: an item that was stored before it was closed is found afterwards.
            var (closed, dropped) = await account.LookAsync(consistent: false, cancellationToken);
            if (!dropped && await receiver.TryTakeAsync(cancellationToken) is { } there)
                return await CountedAsync(there);
            if (closed)
                throw door.Closed();
            if (timeout == TimeSpan.Zero)
                return null;
            if (await WaitAsync(limit.Token) is { } item)
                return await CountedAsync(item);
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
                return null;
        }
    }

    /// <summary>Removes an item from the queue.</summary>
    public async Task<T?> FinishAsync(HeldItem item)
    {
        await item.CompleteAsync();
        if (item.Type == HeldItem.Joinable && item.Number is { } number)
            _undone.Enqueue(number);
        return JsonSerializer.Deserialize<T>(item.Body.Span, json);
    }

    /// <summary>Leaves an item in the queue until it is completed.</summary>
    public BrokerDelivery<T> Receive(HeldItem item) =>
        new(item, () => item.Type == HeldItem.Joinable && item.Number is { } number ? account.DoneAsync(number) : Task.CompletedTask, json);

    /// <summary>Of what was got here and is unfinished, the item that was got first; null if there is none.</summary>
    public long? NextUndone() => _undone.TryDequeue(out var number) ? number : null;

    private async Task<HeldItem?> WaitAsync(CancellationToken limit)
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(limit);
        var closing = EndWhenClosedAsync(until);
        try
        {
            return await receiver.WaitAsync(until.Token);
        }
        finally
        {
            await until.CancelAsync();
            await closing;
        }
    }

    private async Task EndWhenClosedAsync(CancellationTokenSource until)
    {
        try
        {
            await account.UntilClosedAsync(until.Token);
            await until.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The wait ended first.
        }
    }

    /// <summary>Frees the item's slot, before it is acknowledged: a process that dies between has it delivered again, and the next frees nothing more.</summary>
    private async Task<HeldItem> CountedAsync(HeldItem item)
    {
        try
        {
            if (item.Number is { } number)
                await account.TakenAsync(number);
            return item;
        }
        catch
        {
            await item.ReturnAsync();
            throw;
        }
    }
}
