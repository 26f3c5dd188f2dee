using System.Text.Json;
using Broker.Connection;
using Broker.Primitives.Queues;

namespace Broker.Primitives;

/// <summary>
/// An item that was received from a queue and stays in it until it is completed. If this is disposed of before, or the process dies, or its connection is lost, the queue delivers the item
/// again, before all others.
/// <para>Not promised: that an item is received once only. Whoever lost it without noticing works on it beside the next.</para>
/// </summary>
public sealed class BrokerDelivery<T> : IAsyncDisposable
{
    private readonly HeldItem _item;
    private readonly Func<Task> _doneAsync;
    private readonly JsonSerializerOptions _json;
    private int _ended;

    internal BrokerDelivery(HeldItem item, Func<Task> doneAsync, JsonSerializerOptions json) => (_item, _doneAsync, _json) = (item, doneAsync, json);

    /// <summary>The item.</summary>
    /// <exception cref="JsonException">It was put as another type. Complete the delivery to be rid of it.</exception>
    public T? Item => JsonSerializer.Deserialize<T>(_item.Body.Span, _json);

    /// <summary>Whether it was delivered before, to somebody who did not complete it.</summary>
    public bool Redelivered => _item.Redelivered;

    /// <summary>Cancelled when the connection is lost: the item is delivered to another.</summary>
    public CancellationToken LostToken => _item.Lost;

    /// <summary>Removes the item from the queue; of a joinable queue, it is finished.</summary>
    /// <exception cref="BrokerUnavailableException">The connection was lost, and the item is delivered again; or the broker was away for 30 seconds.</exception>
    /// <exception cref="ObjectDisposedException">It was completed or returned already.</exception>
    public async Task CompleteAsync()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Exchange(ref _ended, 1) == 1, this);
        try
        {
            // Before the acknowledgement: a process that dies between has the item delivered again, and the next says it again. What is lost already is not done: another works on it.
            if (!_item.Lost.IsCancellationRequested)
                await _doneAsync();
        }
        catch
        {
            await _item.ReturnAsync();
            throw;
        }

        await _item.CompleteAsync();
    }

    /// <summary>Returns the item to the queue unless it was completed. Does not throw.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _ended, 1) == 0 ? _item.ReturnAsync() : ValueTask.CompletedTask;
}
