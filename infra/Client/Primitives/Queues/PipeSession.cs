using System.Threading.Channels;
using Broker.Connection;
using Broker.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Primitives.Queues;

/// <summary>
/// One end of a pipe. It receives by a queue that is exclusive to its connection, and is there as long as the end is: so a message that the broker cannot route says that the other end
/// is gone. Two ends that find each other remember each other's session, and take nothing of any other.
/// </summary>
internal sealed class PipeSession : IAsyncDisposable
{
    /// <summary>How many items wait in this process; the others wait in the broker.</summary>
    private const ushort Prefetch = 64;

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    private readonly QueueTransport _transport;
    private readonly QueueChannel _channel;
    private readonly string _own;
    private readonly string _other;
    private readonly string _session = $"{Guid.NewGuid():N}";
    private readonly Channel<PipeMessage> _items = Channel.CreateUnbounded<PipeMessage>();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenRegistration _losing;
    private volatile string? _peer;

    /// <summary>Whether the other end is closed or gone.</summary>
    private volatile bool _alone;
    private Task _pinging = Task.CompletedTask;
    private int _disposed;

    private PipeSession(QueueTransport transport, QueueChannel channel, string own, string other)
    {
        (_transport, _channel, _own, _other) = (transport, channel, own, other);
        _losing = channel.Lost.Register(Break);
    }

    /// <summary>Completes when the other end is there.</summary>
    public Task Connected => _connected.Task;

    /// <summary>Items in their order; completed when the other end is closed or gone.</summary>
    public ChannelReader<PipeMessage> Items => _items.Reader;

    /// <summary>Takes one end; null if it is in use.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for <see cref="QueueTransport.Deadline"/>, or refuses us.</exception>
    public static async Task<PipeSession?> TryOpenAsync(QueueTransport transport, string name, int end, CancellationToken cancellationToken)
    {
        var channel = await transport.OpenAsync(Prefetch, cancellationToken);
        var queue = Names.PipeQueue(name, end);
        try
        {
            if (await channel.AskAsync(open => ItemTopology.DeclarePipeAsync(open, queue), cancellationToken))
            {
                var session = new PipeSession(transport, channel, queue, Names.PipeQueue(name, 1 - end));
                await channel.AskAsync(open => open.BasicConsumeAsync(queue, autoAck: false, consumerTag: "", noLocal: false, exclusive: true, arguments: null, session.Consumer(), CancellationToken.None), cancellationToken);
                session._pinging = CallerContext.RunOutsideAsync(session.PingAsync);
                return session;
            }
        }
        catch (BrokerUnavailableException e) when (e.InnerException is OperationInterruptedException { ShutdownReason: { ReplyCode: Constants.AccessRefused } reason } && reason.ReplyText.Contains("exclusive", StringComparison.Ordinal))
        {
            // Another of this process has declared it at the same time, and consumes it.
        }
        catch
        {
            await channel.DisposeAsync();
            throw;
        }

        await channel.DisposeAsync();
        return null;
    }

    /// <summary>Returns when the broker has stored it for the other end.</summary>
    /// <returns>False if the other end is gone.</returns>
    /// <exception cref="BrokerUnavailableException">It was not confirmed.</exception>
    public async Task<bool> SendAsync(string type, ReadOnlyMemory<byte> body)
    {
        if (_alone)
            return false;
        if (await _transport.Sender.SendAsync(_other, Properties(type, _session), body))
            return true;
        // Before they are connected, the other end has still to come.
        if (_peer is not null)
            await EndAfterWhatCameAsync();
        return false;
    }

    /// <summary>An item was taken: the broker may send another.</summary>
    public async Task ReadAsync(PipeMessage message)
    {
        if (_channel.IsOpen)
            await _channel.AskAsync(open => open.BasicAckAsync(message.Tag, multiple: false, CancellationToken.None).AsTask(), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _closed.CancelAsync();
        await _pinging;
        _items.Writer.TryComplete();
        if (_peer is not null)
            await TryAsync(() => SendAsync(PipeMessage.Close, default));
        await _losing.DisposeAsync();
        // With its consumer the queue goes too.
        await _channel.DisposeAsync();
    }

    private PipeConsumer Consumer() => new(_channel.Channel, TakeAsync, Break);

    private async Task TakeAsync(PipeMessage message)
    {
        switch (message.Type)
        {
            case PipeMessage.Item when message.From == _peer:
                if (_items.Writer.TryWrite(message))
                    return;
                break;
            case PipeMessage.Close when message.From == _peer:
                _alone = true;
                _items.Writer.TryComplete();
                break;
            case PipeMessage.Hello when _peer is null || message.From == _peer:
                _peer = message.From;
                // Begun before anything else that is sent; its end must not hold up what comes.
                _ = TryAsync(() => SendAsync(PipeMessage.Welcome, default));
                _connected.TrySetResult();
                break;
            case PipeMessage.Hello:
                // Another has taken the other end: the one that we knew is gone.
                _ = TryAsync(EndAfterWhatCameAsync);
                break;
            case PipeMessage.Welcome when _peer is null:
                _peer = message.From;
                _connected.TrySetResult();
                break;
        }

        await ReadAsync(message);
    }

    /// <summary>Says hello, and then looks whether the other end is there still.</summary>
    private async Task PingAsync()
    {
        var type = PipeMessage.Hello;
        using var timer = new PeriodicTimer(PingInterval);
        do
        {
            if (type == PipeMessage.Hello || _peer is not null)
                await TryAsync(() => SendAsync(type, default));
            type = PipeMessage.Ping;
            await ((Task)timer.WaitForNextTickAsync(_closed.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        while (!_closed.IsCancellationRequested && !_items.Reader.Completion.IsCompleted);
    }

    /// <summary>What the other end sent is in our queue; behind it comes this, in its name.</summary>
    private async Task EndAfterWhatCameAsync()
    {
        try
        {
            _alone = true;
            await _transport.Sender.SendAsync(_own, Properties(PipeMessage.Close, _peer!), default);
        }
        catch
        {
            // The next message to the other end, or the next look at it, tries again.
            _alone = false;
            throw;
        }
    }

    private void Break()
    {
        var error = new BrokerUnavailableException("the connection was lost, and the pipe with what was in it");
        _items.Writer.TryComplete(error);
        _connected.TrySetException(error);
    }

    private static BasicProperties Properties(string type, string from) => new() { Type = type, CorrelationId = from, ContentType = "application/json" };

    private static async Task TryAsync(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (BrokerUnavailableException)
        {
            // Our own end is lost with the connection, and says so.
        }
    }
}
