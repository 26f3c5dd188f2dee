using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Broker.Connection;

/// <summary>
/// The connection for everything that is not a job: declaring, looking, deleting. It also is the witness of the broker's presence:
/// it reconnects by itself and says when the broker went and came back. Jobs and outcomes have connections of their own.
/// </summary>
internal sealed class BrokerConnection : IAsyncDisposable
{
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    private readonly ConnectionFactory _factory;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IConnection? _connection;
    private IChannel? _channel;
    private Task _reconnecting = Task.CompletedTask;

    private BrokerConnection(BrokerAddress address, string name)
    {
        Address = address;
        _factory = address.ToFactory(name);
    }

    /// <summary>Raised when the connection ended and we did not end it; the argument says why.</summary>
    public event Action<string>? Lost;

    /// <summary>Raised when it stands again.</summary>
    public event Action? Restored;

    public BrokerAddress Address { get; }

    public bool IsOpen => _connection is { IsOpen: true };

    /// <summary>Connects once.</summary>
    /// <exception cref="BrokerUnavailableException">It did not work; says why.</exception>
    public static async Task<BrokerConnection> OpenAsync(BrokerAddress address, string name, CancellationToken cancellationToken = default)
    {
        var connection = new BrokerConnection(address, name);
        await connection.ConnectAsync(cancellationToken);
        return connection;
    }

    /// <summary>Connects, trying again for as long as the broker is away; <paramref name="waiting"/> hears why, once a cause.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is there and refuses us: trying again would not help.</exception>
    public static async Task<BrokerConnection> OpenWhenThereAsync(BrokerAddress address, string name, Action<string> waiting, CancellationToken cancellationToken)
    {
        var connection = new BrokerConnection(address, name);
        await connection.ConnectRepeatedlyAsync(waiting, giveUpWhenRefused: true, cancellationToken);
        return connection;
    }

    /// <summary>Runs <paramref name="work"/> on the one channel, one at a time; a channel that the work broke (a 404, say) is replaced.</summary>
    /// <exception cref="BrokerUnavailableException">The connection is not there.</exception>
    public async Task<T> WithChannelAsync<T>(Func<IChannel, Task<T>> work, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not { IsOpen: true } connection)
                throw new BrokerUnavailableException($"the connection to RabbitMQ at {Address.Host}:{Address.Port} is down");
            if (_channel is not { IsOpen: true })
                _channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return await work(_channel);
        }
        finally
        {
            _turn.Release();
        }
    }

    public Task WithChannelAsync(Func<IChannel, Task> work, CancellationToken cancellationToken = default) =>
        WithChannelAsync(
            async channel =>
            {
                await work(channel);
                return true;
            },
            cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reconnecting;
        if (_connection is { } connection)
        {
            try
            {
                await connection.CloseAsync(200, "done", TimeSpan.FromSeconds(2), abort: true, CancellationToken.None);
            }
            finally
            {
                await connection.DisposeAsync();
            }
        }

        _turn.Dispose();
        _closing.Dispose();
    }

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var connection = await CreateAsync(cancellationToken);
            try
            {
                // The client does not wait for the answer that names a missing virtual host; the first channel does.
                _channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
                connection.ConnectionShutdownAsync += OnShutdownAsync;
                _connection = connection;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw BrokerUnavailableException.From(e, Address);
        }
    }

    /// <summary>The client's own time-outs do not cover a port that takes the connection and then says nothing.</summary>
    private async Task<IConnection> CreateAsync(CancellationToken cancellationToken)
    {
        var connecting = _factory.CreateConnectionAsync(cancellationToken);
        try
        {
            return await connecting.WaitAsync(BrokerAddress.Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            _ = connecting.ContinueWith(
                static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private async Task ConnectRepeatedlyAsync(Action<string> waiting, bool giveUpWhenRefused, CancellationToken cancellationToken)
    {
        var delay = TimeSpan.FromMilliseconds(250);
        var said = "";
        while (true)
        {
            try
            {
                await ConnectAsync(cancellationToken);
                return;
            }
            catch (BrokerUnavailableException e) when (e.CanRetry || !giveUpWhenRefused)
            {
                if (e.Message != said)
                    waiting(said = e.Message);
            }

            await Task.Delay(delay, cancellationToken);
            delay = delay * 2 < LongestRetryDelay ? delay * 2 : LongestRetryDelay;
        }
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        if (_closing.IsCancellationRequested || reason.Initiator == ShutdownInitiator.Application)
            return Task.CompletedTask;
        Lost?.Invoke(reason.ReplyText);
        _reconnecting = Task.Run(ReconnectAsync);
        return Task.CompletedTask;
    }

    private async Task ReconnectAsync()
    {
        try
        {
            await ConnectRepeatedlyAsync(static _ => { }, giveUpWhenRefused: false, _closing.Token);
            Restored?.Invoke();
        }
        catch (OperationCanceledException)
        {
            // Closing: nobody wants the connection any more.
        }
    }
}
