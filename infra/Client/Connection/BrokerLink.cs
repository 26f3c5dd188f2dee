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

    /// <param name="connection">The connection.</param>
    /// <param name="address">That of its node alone.</param>
    /// <param name="first">Its first channel.</param>
    private BrokerLink(IConnection connection, BrokerAddress address, IChannel first)
    {
        Connection = connection;
        Node = address.Current;
        Serial = new SerialChannel(connection, address, first);
        connection.ConnectionShutdownAsync += OnShutdownAsync;
        // An end before the subscription raised nothing that we would have heard.
        if (!connection.IsOpen)
            _ended.TrySetResult(connection.CloseReason?.ReplyText ?? "closed");
    }

    public IConnection Connection { get; }

    /// <summary>Where it leads to.</summary>
    public BrokerNode Node { get; }

    public SerialChannel Serial { get; }

    /// <summary>Completes when the connection has ended; its result says why.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>Connects once, to the first node that answers.</summary>
    /// <exception cref="BrokerUnavailableException">None did, or one refuses us; says why.</exception>
    public static async Task<BrokerLink> OpenAsync(BrokerAddress address, string name, CancellationToken cancellationToken)
    {
        var failures = new List<(BrokerNode Node, BrokerUnavailableException Error)>();
        foreach (var node in address.InTurn())
        {
            try
            {
                var link = await OpenNodeAsync(address.Of(node), name, cancellationToken);
                address.Answered(node);
                return link;
            }
            catch (BrokerUnavailableException e)
            {
                address.Failed(node);
                // What all nodes have in common, as users, need not be tried at the others.
                if (!e.CanRetry)
                    throw;
                failures.Add((node, e));
            }
        }

        throw BrokerUnavailableException.OfAll([.. address.Nodes.SelectMany(node => failures.Where(failure => failure.Node == node)).Select(failure => failure.Error)]);
    }

    /// <summary>Connects, trying again for as long as the broker is away; <paramref name="waiting"/> hears why, once a cause.</summary>
    /// <exception cref="BrokerUnavailableException">The broker refuses us, and <paramref name="giveUpWhenRefused"/> says that this is final.</exception>
    public static async Task<BrokerLink> OpenWhenThereAsync(
        BrokerAddress address, string name, Action<string> waiting, bool giveUpWhenRefused, CancellationToken cancellationToken)
    {
        var said = "";
        for (var delay = FirstRetryDelay; ; delay = delay * 2 < MaxRetryDelay ? delay * 2 : MaxRetryDelay)
        {
            try
            {
                return await OpenAsync(address, name, cancellationToken);
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

    private static async Task<BrokerLink> OpenNodeAsync(BrokerAddress address, string name, CancellationToken cancellationToken)
    {
        try
        {
            // The client's own time limits do not cover a port that takes the connection and then says nothing.
            var connection = await address.ToFactory(name).CreateConnectionAsync([address.EndpointOf(address.Current)], CancellationToken.None).WithinAsync(BrokerAddress.ConnectTimeout, cancellationToken);
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
            throw BrokerUnavailableException.From(await TlsAlert.OrAsync(e, address), address);
        }
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
