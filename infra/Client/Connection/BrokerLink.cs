using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Broker.Connection;

/// <summary>One established connection from its opening to its end; after that there is another.</summary>
internal sealed class BrokerLink : IAsyncDisposable
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ClosingLimit = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private BrokerLink(IConnection connection, BrokerAddress address, IChannel first)
    {
        Connection = connection;
        Serial = new SerialChannel(connection, address, first);
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        // An end before the subscription raised nothing that we would have heard.
        if (!connection.IsOpen)
            _ended.TrySetResult(connection.CloseReason?.ReplyText ?? "closed");
    }

    public IConnection Connection { get; }

    public SerialChannel Serial { get; }

    /// <summary>Completes when the connection has ended; its result says why.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Connects once.</summary>
    /// <exception cref="BrokerUnavailableException">It did not work; says why.</exception>
    public static async Task<BrokerLink> OpenAsync(ConnectionFactory factory, BrokerAddress address, CancellationToken cancellationToken)
    {
        try
        {
            // The client's own time limits do not cover a port that takes the connection and then says nothing.
            var connection = await factory.CreateConnectionAsync(CancellationToken.None).WithinAsync(BrokerAddress.ConnectTimeout, cancellationToken);
            try
            {
                // The client does not wait for the answer that names a missing virtual host; the first channel does.
                var first = await connection.CreateChannelAsync(cancellationToken: CancellationToken.None).WithinAsync(BrokerAddress.ConnectTimeout, cancellationToken);
                return new BrokerLink(connection, address, first);
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw BrokerUnavailableException.From(e, address);
        }
    }

    /// <summary>Connects, trying again for as long as the broker is away; <paramref name="waiting"/> hears why, once a cause.</summary>
    /// <exception cref="BrokerUnavailableException">The broker refuses us, and <paramref name="giveUpWhenRefused"/> says that this is final.</exception>
    public static async Task<BrokerLink> OpenWhenThereAsync(
        ConnectionFactory factory, BrokerAddress address, Action<string> waiting, bool giveUpWhenRefused, CancellationToken cancellationToken)
    {
        var said = "";
        for (var delay = FirstRetryDelay; ; delay = delay * 2 < MaxRetryDelay ? delay * 2 : MaxRetryDelay)
        {
            try
            {
                return await OpenAsync(factory, address, cancellationToken);
            }
            catch (BrokerUnavailableException e) when (e.CanRetry || !giveUpWhenRefused)
            {
                if (e.Message != said)
                    waiting(said = e.Message);
            }

            await Task.Delay(delay, cancellationToken);
        }
    }

    /// <summary>Closes it, if it is not closed already. Never throws.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().WaitAsync(ClosingLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CloseAsync()
    {
        await Connection.CloseAsync(Constants.ReplySuccess, "done", ClosingLimit, abort: true, CancellationToken.None);
        await Connection.DisposeAsync();
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        _ended.TrySetResult(reason.ReplyText);
        return Task.CompletedTask;
    }
}
