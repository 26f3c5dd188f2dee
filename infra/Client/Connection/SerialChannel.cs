using System.Diagnostics.CodeAnalysis;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Connection;

/// <summary>One channel for short requests, one at a time. A request that breaks it leaves the next one a new channel.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A caller may still wait for its turn when the connection is closed, and is then told that it is down.")]
internal sealed class SerialChannel(IConnection connection, BrokerAddress address, IChannel first)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IChannel? _channel = first;

    /// <exception cref="BrokerUnavailableException">The connection is down, or the broker did not answer.</exception>
    /// <exception cref="OperationInterruptedException">The broker refused the request and closed the channel: 404, 406 and the like. A missing permission is a <see cref="BrokerUnavailableException"/>.</exception>
    public async Task<T> RunAsync<T>(Func<IChannel, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            // The library's requests do not all end with their token: without the wait beside them, a broker that is silent holds up a caller for 20 s.
            return await work(await OpenAsync(cancellationToken)).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            GiveUp();
            if (cancellationToken.IsCancellationRequested)
                throw;
            // The library's own limit of 20 seconds for an answer comes as a cancellation too.
            throw BrokerUnavailableException.From(e, address);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.AccessRefused)
        {
            throw BrokerUnavailableException.From(e, address);
        }
        catch (Exception e) when (e is TimeoutException || (!connection.IsOpen && e is RabbitMQClientException or IOException or ObjectDisposedException))
        {
            GiveUp();
            throw BrokerUnavailableException.From(e, address);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        if (!connection.IsOpen)
            throw new BrokerUnavailableException($"the connection to RabbitMQ at {address.Current} is down");
        if (_channel is { IsOpen: true } channel)
            return channel;
        GiveUp();
        return _channel = await connection.CreateChannelAsync(cancellationToken: CancellationToken.None).WithinAsync(BrokerAddress.ConnectTimeout, cancellationToken);
    }

    /// <summary>An answer that comes late would be taken for that of the next request, so a channel whose request was cut short is not used again.</summary>
    private void GiveUp()
    {
        if (_channel is { } channel)
            _ = ChannelEnd.CloseAsync(channel).ContinueWith(static end => end.Exception, TaskScheduler.Default);
        _channel = null;
    }
}
