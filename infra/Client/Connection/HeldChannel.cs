using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Broker.Connection;

/// <summary>
/// A channel of its owner's own, for what has to last: a delivery that is held unacknowledged, a consumer that waits. A channel does one thing
/// at a time, so a wait on the shared one would block every declaration behind it. It is not replaced when it breaks: what was held on it is gone.
/// </summary>
internal sealed class HeldChannel : IAsyncDisposable
{
    /// <summary>A broker that does not answer must not hold up a release; it takes the channel's deliveries back when the connection ends.</summary>
    private static readonly TimeSpan ClosingLimit = TimeSpan.FromSeconds(2);

    // Never disposed of: a late reader of Lost must not meet an exception, and without a timer the source owns nothing.
    private readonly CancellationTokenSource _lost = new();
    private readonly IConnection _connection;
    private int _disposed;

    private HeldChannel(IConnection connection, IChannel channel)
    {
        _connection = connection;
        Channel = channel;
        Lost = _lost.Token;
        channel.ChannelShutdownAsync += OnShutdownAsync;
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        // An end between its opening and the subscription raised nothing that we would have heard.
        if (!channel.IsOpen)
            _lost.Cancel();
    }

    public IChannel Channel { get; }

    /// <summary>
    /// Cancelled as soon as the channel is known to be gone: closed by the broker, its connection lost, or the connection's owner disposed.
    /// Not cancelled by <see cref="DisposeAsync"/>: who lets go has lost nothing. A silent network is noticed only by the heartbeat.
    /// </summary>
    public CancellationToken Lost { get; }

    /// <summary>Opens a channel.</summary>
    /// <param name="confirms">Whether a publish ends with the broker's confirmation; the number outstanding is the owner's to limit.</param>
    public static async Task<HeldChannel> OpenAsync(IConnection connection, bool confirms, CancellationToken cancellationToken)
    {
        // The library's own limiter stalls a full window for a second at a time.
        var options = new CreateChannelOptions(confirms, confirms, outstandingPublisherConfirmationsRateLimiter: null);
        return new HeldChannel(connection, await connection.CreateChannelAsync(options, CancellationToken.None).WithinAsync(BrokerAddress.ConnectTimeout, cancellationToken));
    }

    /// <summary>Closes the channel; the broker returns to their queues what is unacknowledged on it. Never throws, and ends within two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await CloseAsync().WaitAsync(ClosingLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CloseAsync()
    {
        LeaveConnection();
        await ChannelEnd.CloseAsync(Channel);
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        // Registrations run on the thread pool: this is the thread that reads the connection.
        if (Volatile.Read(ref _disposed) == 0)
            _ = _lost.CancelAsync();
        LeaveConnection();
        return Task.CompletedTask;
    }

    /// <summary>The connection outlives many channels and must not keep them.</summary>
    private void LeaveConnection()
    {
        try
        {
            _connection.ConnectionShutdownAsync -= OnShutdownAsync;
        }
        catch (ObjectDisposedException)
        {
            // Nor does it.
        }
    }
}
