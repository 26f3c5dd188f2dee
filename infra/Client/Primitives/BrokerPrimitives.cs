using System.Text.Json;
using Broker.Connection;
using Broker.Contracts;
using Broker.Pool;
using Broker.Primitives.Log;
using Broker.Primitives.Queues;
using Broker.Primitives.States;
using Broker.Primitives.Tokens;
using Broker.Topology;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives;

/// <summary>
/// Locks, events, queues, values and the like, shared by all processes that use the same virtual host, over RabbitMQ alone. Nothing is connected before it is first used, and nothing needs
/// to be created: a name is in use from its first operation on, and is forgotten when nobody used it for seven days.
/// </summary>
/// <remarks>Thread-safe. One per process is enough; each has two connections.</remarks>
public sealed class BrokerPrimitives : IAsyncDisposable, IDisposable
{
    private readonly PrimitiveLink _link;
    private readonly PrimitiveLog _log;
    private readonly TokenKernel _tokens;
    private readonly QueueTransport _queues;
    private readonly JsonSerializerOptions _json;

    internal BrokerPrimitives(ClientSettings settings)
    {
        var log = settings.Logs.CreateLogger<BrokerPrimitives>();
        _link = new PrimitiveLink(settings.Address, settings.Name, log);
        _log = new PrimitiveLog(_link, TokenJson.AddTo(new OperationCodec()).AddStates(), TimeProvider.System, log);
        _tokens = new TokenKernel(_link, _log, TimeProvider.System, log);
        _queues = new QueueTransport(_link);
        _json = settings.Json;
    }

    /// <summary>Connects, and ends with an exception if that does not work.</summary>
    /// <param name="url">The broker's address, as <c>amqp://user:password@host:5672/vhost</c>.</param>
    /// <param name="configure">Sets further options; null for none.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="InvalidConfigurationException">An option cannot be used; names it.</exception>
    /// <exception cref="BrokerUnavailableException">The broker refuses us.</exception>
    public static async Task<BrokerPrimitives> ConnectAsync(string url, Action<BrokerOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var options = new BrokerOptions { Url = url };
        configure?.Invoke(options);
        return await ConnectAsync(ClientSettings.Of(options), cancellationToken);
    }

    /// <summary>Connects when it is first used.</summary>
    internal static BrokerPrimitives Of(BrokerAddress address, BrokerOptions options) => new(ClientSettings.Of(options, address));

    internal static Task<BrokerPrimitives> ConnectAsync(BrokerAddress address, BrokerOptions options, CancellationToken cancellationToken) =>
        ConnectAsync(ClientSettings.Of(options, address), cancellationToken);

    private static async Task<BrokerPrimitives> ConnectAsync(ClientSettings settings, CancellationToken cancellationToken)
    {
        var primitives = new BrokerPrimitives(settings);
        try
        {
            await Task.WhenAll(primitives._link.HoldingAsync(cancellationToken), primitives._link.PublishingAsync(cancellationToken));
            return primitives;
        }
        catch
        {
            await primitives.DisposeAsync();
            throw;
        }
    }

    private Task<bool> DeleteQueueAsync(string queue, CancellationToken cancellationToken) => _queues.RequestAsync(
        async channel =>
        {
            try
            {
                await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                return false;
            }

            await channel.QueueDeleteAsync(queue, cancellationToken: cancellationToken);
            return true;
        },
        cancellationToken);

    /// <summary>A lock.</summary>
    public BrokerLock Lock(string name) => new(_tokens, name);

    /// <summary>A lock that its owner may acquire again. The owner is remembered by the returned object: share it.</summary>
    public BrokerReentrantLock ReentrantLock(string name) => new(_tokens, name);

    /// <summary>A lock for many readers or one writer.</summary>
    public BrokerReaderWriterLock ReaderWriterLock(string name) => new(_tokens, name);

    /// <summary>A fixed number of permits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 1 to <see cref="BrokerSemaphore.MaxPermits"/>.</exception>
    public BrokerSemaphore Semaphore(string name, int permits) => new(_tokens, name, permits);

    /// <summary>One process of all that does something.</summary>
    public BrokerLeader Leader(string name) => new(_tokens, name);

    /// <summary>A flag that processes wait for.</summary>
    public BrokerEvent Event(string name) => new(_log, Checked(name));

    /// <summary>Holders of a lock that wait for each other.</summary>
    /// <param name="name">Of the condition; several may use one lock.</param>
    /// <param name="guard">The lock.</param>
    public BrokerCondition Condition(string name, BrokerLock guard) => new(_log, guard, Checked(name));

    /// <summary>A point that so many parties reach before any goes on.</summary>
    /// <param name="name">The same for all parties.</param>
    /// <param name="parties">How many pass together; all say the same.</param>
    /// <param name="action">What the last runs before any passes; null is nothing.</param>
    /// <param name="timeout">Of waits that name none; null is for ever.</param>
    public BrokerBarrier Barrier(string name, int parties, Func<CancellationToken, Task>? action = null, TimeSpan? timeout = null) => new(_log, Checked(name), parties, action, timeout);

    /// <summary>A semaphore for signalling: whoever gives a unit need not have taken one.</summary>
    /// <param name="name">The same for all.</param>
    /// <param name="initial">The count of a name that was not used yet; all say the same.</param>
    public BrokerCounter Counter(string name, long initial = 0) => new(_log, Checked(name), initial);

    /// <summary>A value.</summary>
    public BrokerValue<T> Value<T>(string name) => new(_log, _json, Checked(name));

    /// <summary>An array.</summary>
    /// <param name="name">The same for all.</param>
    /// <param name="length">How many elements it has, at most 32000; all say the same.</param>
    public BrokerArray<T> Array<T>(string name, int length) => new(_log, _json, Checked(name), length);

    /// <summary>A dictionary with strings as keys.</summary>
    public BrokerDictionary<T> Dictionary<T>(string name) => new(_log, _json, Checked(name));

    /// <summary>A list.</summary>
    public BrokerList<T> List<T>(string name) => new(_log, _json, Checked(name));

    /// <summary>A queue of items.</summary>
    /// <param name="name">The same for all.</param>
    /// <param name="options">Whether it is limited or joinable; null is neither.</param>
    public BrokerQueue<T> Queue<T>(string name, BrokerQueueOptions? options = null) => new(_log, _queues, _json, Checked(name), options);

    /// <summary>A connection of two.</summary>
    public BrokerPipe<T> Pipe<T>(string name) => new(_queues, _json, Checked(name));

    /// <summary>All names in use. A queue or pipe that nothing is counted for is not among them.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    public async Task<IReadOnlyList<(string Type, string Name)>> ListAsync(CancellationToken cancellationToken = default) =>
        [.. (await _log.ListAsync(cancellationToken)).Select(static key => (key.Type, key.Name)).Order()];

    /// <summary>
    /// Forgets a name, and deletes what is on the broker for it. For an operator: who holds it is told that it is lost, who waits for it waits on.
    /// </summary>
    /// <param name="type">As <see cref="ListAsync"/> tells it.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>Whether there was anything.</returns>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    public async Task<bool> RemoveAsync(string type, string name, CancellationToken cancellationToken = default)
    {
        if (type is BrokerLock.Type or BrokerSemaphore.Type or BrokerLeader.Type or BrokerReaderWriterLock.ReadersType or BrokerReaderWriterLock.WriterType)
            return await _tokens.RemoveAsync(new TokenSet(type, name, Permits: 1), cancellationToken);
        // A name that was hashed is listed as its hash.
        var known = await _log.RemoveAsync(new PrimitiveKey(type, SafeName.Of(name)), cancellationToken) || await _log.RemoveAsync(new PrimitiveKey(type, name), cancellationToken);
        return type == BrokerQueueOptions.Type ? await DeleteQueueAsync(Names.ItemQueue(name), cancellationToken) || known : known;
    }

    /// <summary>Releases what is held, and disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        await _tokens.DisposeAsync();
        await _queues.DisposeAsync();
        await _log.DisposeAsync();
        await _link.DisposeAsync();
    }

    /// <summary>Like <see cref="DisposeAsync"/>, for containers that are disposed synchronously: blocks for some seconds at most.</summary>
#pragma warning disable VSTHRD002 // On a thread of the pool, which has no context to come back to.
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002

    private static string Checked(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name;
    }
}
