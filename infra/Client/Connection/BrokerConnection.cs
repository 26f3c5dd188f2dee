using RabbitMQ.Client;

namespace Broker.Connection;

/// <summary>
/// The connection for everything that is not a job: declaring, looking, deleting, holding. It also is the witness of the broker's presence:
/// it reconnects by itself and says when the broker went and came back. Jobs and outcomes have connections of their own.
/// </summary>
internal sealed class BrokerConnection : IAsyncDisposable
{
    private readonly string _name;
    private readonly CancellationTokenSource _closing = new();
    private volatile BrokerLink? _link;
    private Task _keeping = Task.CompletedTask;
    private int _disposed;

    private BrokerConnection(BrokerAddress address, string name)
    {
        Address = address;
        _name = name;
    }

    /// <summary>Raised when the connection ended and we did not end it; the argument says why.</summary>
    public event Action<string>? Lost;

    /// <summary>Raised when it stands again.</summary>
    public event Action? Restored;

    public BrokerAddress Address { get; }

    /// <summary>What it is connected to, or was last.</summary>
    public BrokerServer Server => BrokerServer.Of(_link!.Connection);

    public bool IsOpen => _link is { Connection.IsOpen: true };

    /// <summary>Connects once.</summary>
    /// <exception cref="BrokerUnavailableException">It did not work; says why.</exception>
    public static async Task<BrokerConnection> OpenAsync(BrokerAddress address, string name, CancellationToken cancellationToken = default)
    {
        var connection = new BrokerConnection(address, name);
        return connection.Keep(await BrokerLink.OpenAsync(address, name, cancellationToken));
    }

    /// <summary>Connects, trying again for as long as the broker is away; <paramref name="waiting"/> hears why, once a cause.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is there and refuses us: trying again would not help.</exception>
    public static async Task<BrokerConnection> OpenWhenThereAsync(BrokerAddress address, string name, Action<string> waiting, CancellationToken cancellationToken)
    {
        var connection = new BrokerConnection(address, name);
        return connection.Keep(await BrokerLink.OpenWhenThereAsync(address, name, waiting, giveUpWhenRefused: true, cancellationToken));
    }

    /// <summary>Runs a short request on the one shared channel, one at a time; a channel that the request broke (a 404, say) is replaced.</summary>
    /// <exception cref="BrokerUnavailableException">The connection is down, or the broker does not answer.</exception>
    public Task<T> WithChannelAsync<T>(Func<IChannel, Task<T>> work, CancellationToken cancellationToken = default) =>
        Link().Serial.RunAsync(work, cancellationToken);

    public Task WithChannelAsync(Func<IChannel, Task> work, CancellationToken cancellationToken = default) =>
        WithChannelAsync(
            async channel =>
            {
                await work(channel);
                return true;
            },
            cancellationToken);

    /// <summary>Opens a channel of the caller's own, which lasts until it is disposed or lost; a lost one is not replaced.</summary>
    /// <param name="confirms">Whether a publish on it ends with the broker's confirmation.</param>
    /// <exception cref="BrokerUnavailableException">The connection is down, or the broker does not answer.</exception>
    public async Task<HeldChannel> OpenChannelAsync(bool confirms = false, CancellationToken cancellationToken = default)
    {
        var link = Link();
        try
        {
            return await HeldChannel.OpenAsync(link.Connection, confirms, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw BrokerUnavailableException.From(e, Address.Of(link.Node));
        }
    }

    /// <summary>Gives up the present node, which answers and yet does not do what it should; the next of the address is connected to. What is held on the connection is lost.</summary>
    public async Task MoveOnAsync()
    {
        if (_link is not { Connection.IsOpen: true } link)
            return;
        Address.Failed(link.Node);
        await link.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _closing.CancelAsync();
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_link is { } link)
            await link.DisposeAsync();
        _closing.Dispose();
    }

    private BrokerLink Link() => _link is { Connection.IsOpen: true } link
        ? link
        : throw new BrokerUnavailableException($"the connection to RabbitMQ at {_link?.Node} is down");

    private BrokerConnection Keep(BrokerLink link)
    {
        _link = link;
        _keeping = Task.Run(KeepAsync);
        return this;
    }

    /// <summary>The only one that replaces the link, and it has ended before the last link is closed.</summary>
    private async Task KeepAsync()
    {
        while (true)
        {
            var ended = _link!;
            var reason = await ended.Ended.WaitAsync(_closing.Token);
            await TellAsync(() => Lost?.Invoke(reason));
            await ended.DisposeAsync();
            _link = await BrokerLink.OpenWhenThereAsync(Address, _name, static _ => { }, giveUpWhenRefused: false, _closing.Token);
            await TellAsync(() => Restored?.Invoke());
        }
    }

    // A handler may be a user's code; one that throws must not end the keeping.
    private static async Task TellAsync(Action handlers) => await Task.Run(handlers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
