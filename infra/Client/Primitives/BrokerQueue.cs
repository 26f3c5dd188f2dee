using System.Runtime.CompilerServices;
using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Primitives.Log;
using Broker.Primitives.Queues;
using Broker.Topology;

namespace Broker.Primitives;

/// <summary>
/// A queue of items between any number of processes: each item goes to one of them, the items of one putter in the order in which it put them one after another. An item whose put has returned is on
/// disk, in a cluster on most nodes, until it is taken.
/// <para>A getter that dies has no item that it had not been given, and one that dies while it takes an item returns it. A putter that dies while it puts has put the item or not; what it had
/// reserved of a limited or joinable queue is given up when somebody has waited for it for 5 seconds.</para>
/// <para>Not promised: that an item whose put ended with an error of the broker is not in the queue; that an item is got once only if the connection is lost at that moment; exactness of the limit in
/// that case, and for items that are delivered again: the queue then holds some more; and that a put which runs while another process closes the queue is refused: its item
/// stays for whoever opens the queue again.</para>
/// </summary>
/// <typeparam name="T">Written as JSON, as jobs are, with at most 8 MiB.</typeparam>
public sealed class BrokerQueue<T>
{
    /// <summary>How many puts of <see cref="PutAllAsync"/> are on the way at a time.</summary>
    private const int Window = 256;

    private readonly BrokerQueueOptions _options;
    private readonly QueueAccount _account;
    private readonly QueueDoor _door;
    private readonly QueuePutter<T> _putter;
    private readonly QueueGetter<T> _getter;

    internal BrokerQueue(PrimitiveLog log, QueueTransport transport, JsonSerializerOptions json, string name, BrokerQueueOptions? options)
    {
        (Name, _options) = (name, options ?? new BrokerQueueOptions());
        _options.Check();
        _account = new QueueAccount(log, name, _options);
        _door = new QueueDoor(_account, transport, name);
        _putter = new QueuePutter<T>(_account, _door, _options, json);
        _getter = new QueueGetter<T>(_account, _door, new ItemReceiver(transport, Names.ItemQueue(name), _door.OpenAgainAsync), json);
    }

    public string Name { get; }

    /// <summary>Puts an item, and waits for room where the queue is limited. Returns when the broker has stored it.</summary>
    /// <param name="timeout">Null waits for ever; only a limited queue is waited for.</param>
    /// <param name="cancellationToken">Ends the wait; an item that was sent already stays in the queue.</param>
    /// <exception cref="TimeoutException">The queue was full for that time.</exception>
    /// <exception cref="PrimitiveClosedException">The queue is closed.</exception>
    /// <exception cref="MessageTooLargeException">The item is larger than 8 MiB.</exception>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or the connection was lost: the item may have been put.</exception>
    public Task PutAsync(T item, TimeSpan? timeout = null, CancellationToken cancellationToken = default) => PutAsync(item, priority: null, timeout, cancellationToken);

    /// <inheritdoc cref="PutAsync(T, TimeSpan?, CancellationToken)"/>
    /// <param name="priority">
    /// 1 to 31; null counts as 4. RabbitMQ 4.3 delivers all of a higher number first; 4.0 to 4.2 know two classes, up to 4 and above, and deliver two of the upper for one of the lower; older ones ignore it.
    /// </param>
    public Task PutAsync(T item, int? priority, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        if (priority is < 1 or > 31)
            throw new ArgumentOutOfRangeException(nameof(priority), priority, "a priority is a number from 1 to 31");
        return PutOrThrowAsync(item, (byte?)priority, timeout, cancellationToken);
    }

    /// <summary>Puts an item if there is room within the timeout, by default zero: it does not wait.</summary>
    /// <returns>False if the queue was full.</returns>
    /// <inheritdoc cref="PutAsync(T, TimeSpan?, CancellationToken)"/>
    public Task<bool> TryPutAsync(T item, TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return _putter.TryPutAsync(item, priority: null, timeout, cancellationToken);
    }

    /// <summary>Puts many items in their order, faster than one after another: of a queue that is neither limited nor joinable, some hundred are on the way at a time.</summary>
    /// <exception cref="BrokerUnavailableException">Some were not confirmed: any of them may have been put.</exception>
    /// <inheritdoc cref="PutAsync(T, TimeSpan?, CancellationToken)"/>
    public async Task PutAllAsync(IEnumerable<T> items, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(items);
        await _putter.BeginAsync(cancellationToken);
        var puts = new Queue<Task>();
        try
        {
            foreach (var item in items)
            {
                puts.Enqueue(PutAsync(item, null, cancellationToken));
                if (puts.Count >= (_options.Counted ? 1 : Window))
                    await puts.Dequeue();
            }
        }
        finally
        {
            await Task.WhenAll(puts);
        }
    }

    /// <summary>Takes an item, and waits for one. It is gone from the queue when this returns: should the process die then, nobody else gets it.</summary>
    /// <param name="timeout">Null waits for ever.</param>
    /// <exception cref="TimeoutException">There was none within the timeout.</exception>
    /// <exception cref="PrimitiveClosedException">The queue is closed and empty.</exception>
    /// <exception cref="JsonException">The item was put as another type; it is gone.</exception>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds when the wait began, or at its end, and the item is in the queue still.</exception>
    public Task<T?> GetAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return GetOneAsync(timeout, cancellationToken);
    }

    /// <summary>Takes an item if there is one, or comes one within the timeout; by default it does not wait.</summary>
    /// <returns>Whether there was one, and the item.</returns>
    /// <inheritdoc cref="GetAsync"/>
    public Task<(bool Taken, T? Item)> TryGetAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return TryGetOneAsync(timeout, cancellationToken);
    }

    /// <summary>Receives an item, and waits for one. It stays in the queue, where nobody else gets it, until the delivery is completed or disposed of.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<BrokerDelivery<T>> ReceiveAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return ReceiveOneAsync(timeout, cancellationToken);
    }

    /// <summary>Receives an item if there is one, or comes one within the timeout; by default it does not wait.</summary>
    /// <returns>Null if there was none.</returns>
    /// <inheritdoc cref="GetAsync"/>
    public Task<BrokerDelivery<T>?> TryReceiveAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return TryReceiveOneAsync(timeout, cancellationToken);
    }

    /// <summary>Takes items until the queue is closed and empty.</summary>
    public async IAsyncEnumerable<T?> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await TakeUntilClosedAsync(cancellationToken) is { } item)
            yield return await _getter.FinishAsync(item);
    }

    /// <summary>Closes the queue for all: nothing more is put, and what is in it can be got still. Those who wait for more are told.</summary>
    /// <param name="immediate">Whether what is in the queue is dropped. What was received and is not completed counts as unfinished still.</param>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds: it may have been closed.</exception>
    public Task CloseAsync(bool immediate = false, CancellationToken cancellationToken = default) => _door.CloseAsync(immediate, cancellationToken);

    /// <summary>Opens a queue again that was closed. A closed queue that nobody has counted or opened for 7 days is open again by itself.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds: it may have been opened.</exception>
    public Task ReopenAsync(CancellationToken cancellationToken = default) => _door.ReopenAsync(cancellationToken);

    public async Task<bool> IsClosedAsync(CancellationToken cancellationToken = default) => (await _account.LookAsync(consistent: true, cancellationToken)).Closed;

    /// <summary>How many items are in the queue and in nobody's hands. An estimate: the broker counts what it has just stored or delivered a moment later.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds.</exception>
    public Task<long> CountAsync(CancellationToken cancellationToken = default) => _door.CountAsync(cancellationToken);

    /// <summary>How many items of a limited or joinable queue are unfinished: put and not yet taken, or of a joinable queue not done.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds.</exception>
    public Task<int> CountUnfinishedAsync(CancellationToken cancellationToken = default) => _account.UnfinishedAsync(cancellationToken);

    /// <summary>Says that an item which was got here by <see cref="GetAsync"/>, <see cref="TryGetAsync"/> or <see cref="ReadAllAsync"/> was worked on; of several, that which was got first.</summary>
    /// <exception cref="InvalidOperationException">It was said for all, or the queue is not joinable.</exception>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds: it may be done.</exception>
    public Task TaskDoneAsync() => _getter.NextUndone() is { } item
        ? _account.DoneAsync(item)
        : throw new InvalidOperationException($"nothing that was got here of the queue '{Name}' is unfinished");

    /// <summary>
    /// Waits until all items that were put are done. An item that was received by a process which dies is delivered again, so the wait ends; one that was got by it is undone for ever.
    /// </summary>
    /// <returns>False when the timeout came first.</returns>
    /// <exception cref="InvalidOperationException">The queue is not joinable.</exception>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds when the wait began.</exception>
    public Task<bool> JoinAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return _options.Joinable ? UntilFinishedAsync(timeout, cancellationToken) : throw new InvalidOperationException($"the queue '{Name}' is not joinable, by the options that it was made with here");
    }

    private async Task PutOrThrowAsync(T item, byte? priority, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (!await _putter.TryPutAsync(item, priority, timeout, cancellationToken))
            throw new TimeoutException($"the queue '{Name}' was full for {timeout}");
    }

    private async Task<T?> GetOneAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        await _getter.FinishAsync(await _getter.TakeAsync(timeout, cancellationToken) ?? throw None(timeout));

    private async Task<(bool Taken, T? Item)> TryGetOneAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        await _getter.TakeAsync(timeout, cancellationToken) is { } item ? (true, await _getter.FinishAsync(item)) : (false, default);

    private async Task<BrokerDelivery<T>> ReceiveOneAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        await TryReceiveOneAsync(timeout, cancellationToken) ?? throw None(timeout);

    private async Task<BrokerDelivery<T>?> TryReceiveOneAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        await _getter.TakeAsync(timeout, cancellationToken) is { } item ? _getter.Receive(item) : null;

    private async Task<HeldItem?> TakeUntilClosedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _getter.TakeAsync(null, cancellationToken);
        }
        catch (PrimitiveClosedException)
        {
            return null;
        }
    }

    private async Task<bool> UntilFinishedAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        if (await _account.UnfinishedAsync(cancellationToken) == 0)
            return true;
        using var limit = WaitTimeout.Limit(timeout, cancellationToken);
        try
        {
            await _account.UntilFinishedAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private TimeoutException None(TimeSpan? timeout) => new($"no item in the queue '{Name}' within {timeout}");
}
