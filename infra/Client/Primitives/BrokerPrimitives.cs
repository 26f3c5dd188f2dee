using Broker.Connection;
using Broker.Contracts;
using Broker.Pool;
using Broker.Primitives.Log;
using Microsoft.Extensions.Logging;

namespace Broker.Primitives;

/// <summary>
/// Locks, events, queues, values and the like, shared by all processes that use the same virtual host, over RabbitMQ alone. Nothing is connected before it is first used, and nothing needs
/// to be created: a name is in use from its first operation on, and is forgotten when nobody used it for seven days.
/// </summary>
/// <remarks>Thread-safe. One per process is enough; each has two connections.</remarks>
public sealed class BrokerPrimitives : IAsyncDisposable
{
    private readonly PrimitiveLink _link;
    private readonly PrimitiveLog _log;

    internal BrokerPrimitives(ClientSettings settings)
    {
        var log = settings.Logs.CreateLogger<BrokerPrimitives>();
        _link = new PrimitiveLink(settings.Address, settings.Name, log);
        _log = new PrimitiveLog(_link, new OperationCodec(), TimeProvider.System, log);
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
        var primitives = new BrokerPrimitives(ClientSettings.Of(options));
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

    /// <summary>Releases what is held, and disconnects.</summary>
    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        await _link.DisposeAsync();
    }
}
