using Broker.Connection;
using Broker.Primitives.Queues;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Primitives;

/// <summary>
/// The broker's part of a queue, made when it is first used. A queue that is closed has no binding: the broker refuses what is put by a process that has not read yet that it is closed.
/// </summary>
internal sealed class QueueDoor(QueueAccount account, QueueTransport transport, string name)
{
    private readonly string _queue = Names.ItemQueue(name);
    private readonly Lock _lock = new();
    private Task? _opening;

    /// <summary>Declares the queue, once.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 seconds, or refuses us.</exception>
    public Task OpenAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_opening is null or { IsFaulted: true } or { IsCanceled: true })
                _opening = CallerContext.RunOutsideAsync(DeclareAsync);
            return _opening.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Declares the queue again: somebody has deleted it.</summary>
    public Task OpenAgainAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_opening is { IsCompleted: true })
                _opening = null;
        }

        return OpenAsync(cancellationToken);
    }

    /// <inheritdoc cref="ItemSender.BeginAsync"/>
    public Task BeginAsync(CancellationToken cancellationToken) => transport.Sender.BeginAsync(cancellationToken);

    /// <exception cref="PrimitiveClosedException">The queue is closed.</exception>
    public async Task CheckOpenAsync(bool consistent, CancellationToken cancellationToken)
    {
        if ((await account.LookAsync(consistent, cancellationToken)).Closed)
            throw Closed();
    }

    public PrimitiveClosedException Closed() => new($"the queue '{name}' is closed");

    /// <summary>Sends an item, once; a cancelled call does not end it.</summary>
    /// <exception cref="PrimitiveClosedException">The queue is closed, so the item was not stored.</exception>
    /// <exception cref="BrokerUnavailableException">It was not confirmed; says whether it may have been stored.</exception>
    public async Task SendAsync(Func<BasicProperties> properties, ReadOnlyMemory<byte> body)
    {
        // One that no queue takes was not stored. Closed, or else deleted by somebody, with its binding.
        for (var tries = 0; tries < 3; tries++)
        {
            if (await transport.Sender.SendAsync(_queue, properties(), body))
                return;
            await CheckOpenAsync(consistent: true, CancellationToken.None);
            await OpenAgainAsync(CancellationToken.None);
        }

        throw new BrokerUnavailableException($"no queue takes the items of '{name}': is it deleted again and again?");
    }

    public async Task CloseAsync(bool immediate, CancellationToken cancellationToken)
    {
        await account.CloseAsync(immediate).WaitAsync(cancellationToken);
        await OpenAsync(cancellationToken);
        await transport.RequestAsync(channel => CloseAsync(channel, immediate), cancellationToken);
    }

    public async Task ReopenAsync(CancellationToken cancellationToken)
    {
        var dropped = (await account.LookAsync(consistent: true, cancellationToken)).Dropped;
        await OpenAsync(cancellationToken);
        // What was on the way when it was closed.
        if (dropped)
            await transport.RequestAsync(channel => channel.QueuePurgeAsync(_queue, CancellationToken.None), cancellationToken);
        await account.ReopenAsync().WaitAsync(cancellationToken);
        await OpenAgainAsync(cancellationToken);
    }

    /// <summary>How many items are ready.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await transport.RequestAsync(channel => channel.MessageCountAsync(_queue, CancellationToken.None), cancellationToken);
    }

    private async Task<bool> CloseAsync(IChannel channel, bool immediate)
    {
        await ItemTopology.CloseAsync(channel, _queue);
        if (immediate)
            await channel.QueuePurgeAsync(_queue, CancellationToken.None);
        return true;
    }

    private async Task DeclareAsync()
    {
        var (closed, _) = await account.LookAsync(consistent: true, CancellationToken.None);
        await DeclareAsync(open: !closed);
        // Closed in between: the binding must not stay.
        if (!closed && (await account.LookAsync(consistent: true, CancellationToken.None)).Closed)
            await transport.RequestAsync(channel => CloseAsync(channel, immediate: false), CancellationToken.None);
    }

    private Task<bool> DeclareAsync(bool open) => transport.RequestAsync(
        async channel =>
        {
            await ItemTopology.DeclareAsync(channel, _queue, open);
            return true;
        },
        CancellationToken.None);
}
