using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Topology;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Broker.Primitives.Log;

/// <summary>
/// The log by which primitives agree: operations in one order for all, on a fixed number of streams, to one of which each name belongs. Every client folds the streams that it uses. RabbitMQ does not
/// flush streams to disk one by one: when most nodes lose power at once, operations that were confirmed may be gone, see <see cref="WentBack"/>.
/// </summary>
internal sealed class PrimitiveLog(PrimitiveLink link, OperationCodec codec, TimeProvider clock, ILogger log) : IAsyncDisposable
{
    /// <summary>How many streams there are; another number would put names elsewhere.</summary>
    public const int Streams = 8;

    private readonly Lazy<LogPartition>?[] _partitions = new Lazy<LogPartition>?[Streams];
    private int _disposed;

    /// <summary>Raised when operations that were confirmed turn out to be gone.</summary>
    public event Action? WentBack;

    /// <summary>The id under which this process appends.</summary>
    public Guid Client { get; } = Guid.NewGuid();

    /// <summary>Applies an operation, and returns its outcome.</summary>
    /// <param name="key">To what.</param>
    /// <param name="operation">What to do.</param>
    /// <param name="fence">The number of the hold under which it is done; null for none.</param>
    /// <param name="cancellationToken">Ends the wait, not the operation.</param>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us; says whether the operation may have been applied.</exception>
    /// <exception cref="FencedException">A later holder has written already.</exception>
    public Task<object?> ApplyAsync(PrimitiveKey key, Operation operation, long? fence, CancellationToken cancellationToken)
    {
        var (type, body) = codec.Write(operation);
        return Of(key).ApplyAsync(key.ToString(), type, new RawJson(body), fence, cancellationToken);
    }

    /// <summary>Refuses what earlier holders may still write; what is read after that has all that they wrote.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    /// <exception cref="FencedException">A later holder has begun already.</exception>
    public Task BeginAsync(PrimitiveKey key, long fence, CancellationToken cancellationToken) =>
        Of(key).ApplyAsync(key.ToString(), LogRecord.Begin, default, fence, cancellationToken);

    /// <summary>Forgets a name and all that is known of it.</summary>
    /// <returns>Whether it was in use.</returns>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    public async Task<bool> RemoveAsync(PrimitiveKey key, CancellationToken cancellationToken) =>
        await Of(key).ApplyAsync(key.ToString(), LogRecord.Remove, default, fence: null, cancellationToken) is true;

    /// <summary>Looks at a name's state.</summary>
    /// <param name="key">The name.</param>
    /// <param name="look">Copies what is wanted; null where the name is not in use. Runs under a lock.</param>
    /// <param name="consistent">Whether to read all first that was appended before; otherwise what this process has read is looked at, which is never older than what it saw before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    public async Task<T> LookAsync<TState, T>(PrimitiveKey key, Func<TState?, T> look, bool consistent, CancellationToken cancellationToken)
        where TState : PrimitiveState
    {
        var partition = Of(key);
        if (consistent)
            await partition.CatchUpAsync(cancellationToken);
        while (true)
        {
            await partition.JoinAsync(cancellationToken);
            if (partition.View.TryLook(key, look, out var result))
                return result;
        }
    }

    /// <summary>Waits until a name's state is such that <paramref name="look"/> returns something: it looks now and after each operation on the name.</summary>
    /// <exception cref="BrokerUnavailableException">The log could not be joined within 30 seconds. Once joined, it waits through any absence of the broker.</exception>
    public async Task<T> UntilAsync<TState, T>(PrimitiveKey key, Func<TState?, T?> look, CancellationToken cancellationToken)
        where TState : PrimitiveState
        where T : class
    {
        var partition = Of(key);
        await partition.JoinAsync(cancellationToken);
        var waiter = new LogWaiter<TState, T>(look);
        partition.View.Add(key, waiter);
        try
        {
            return await waiter.Seen.WaitAsync(cancellationToken);
        }
        finally
        {
            partition.View.Remove(key, waiter);
        }
    }

    /// <summary>All names in use, of all types.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    public async Task<IReadOnlyList<PrimitiveKey>> ListAsync(CancellationToken cancellationToken)
    {
        var partitions = Enumerable.Range(0, Streams).Select(Partition).ToList();
        await Task.WhenAll(partitions.Select(partition => partition.CatchUpAsync(cancellationToken)));
        return [.. partitions.SelectMany(static partition => partition.View.Names())];
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await Task.WhenAll(_partitions.Select(async partition =>
        {
            if (partition is { IsValueCreated: true })
                await partition.Value.DisposeAsync();
        }));
    }

    private LogPartition Of(PrimitiveKey key) => Partition(StreamOf(key.ToString()));

    /// <summary>FNV-1a over UTF-16: the same everywhere and for ever.</summary>
    private static int StreamOf(string key)
    {
        var hash = 2166136261u;
        foreach (var letter in key)
            hash = (hash ^ letter) * 16777619u;
        return (int)(hash % Streams);
    }

    private LogPartition Partition(int number)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
        var partition = Volatile.Read(ref _partitions[number]);
        if (partition is null)
        {
            var made = new Lazy<LogPartition>(() => Make(number));
            partition = Interlocked.CompareExchange(ref _partitions[number], made, null) ?? made;
        }

        return partition.Value;
    }

    private LogPartition Make(int number)
    {
        var reader = new LogReader(link.HoldingAsync, Names.LogStream(number), (connection, cancellationToken) => LogTopology.DeclareAsync(connection, number, cancellationToken));
        var partition = new LogPartition(Client, reader, OpenSessionAsync, codec, () => link.Cause, clock, log);
        partition.WentBack += () => WentBack?.Invoke();
        return partition;

        async Task<LogSession> OpenSessionAsync(CancellationToken cancellationToken)
        {
            var held = await (await link.PublishingAsync(cancellationToken)).OpenChannelAsync(confirms: true, cancellationToken);
            var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
            return new LogSession(
                body => held.Channel.BasicPublishAsync(Names.LogExchange, $"{number}", mandatory: true, properties, body, CancellationToken.None).AsTask(),
                held.DisposeAsync,
                held.Lost);
        }
    }
}
