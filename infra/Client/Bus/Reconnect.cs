using Broker.Connection;
using RabbitMQ.Client;

namespace Broker.Bus;

/// <summary>Has a bus connect to the node that answers, and again within a second of the broker's return; left alone, it waits 3, 6, 12 and up to 30 seconds between two attempts.</summary>
/// <param name="address">The broker.</param>
/// <param name="connectionName">The connection's name on the broker.</param>
/// <param name="stopped">The bus stops: it waits no longer.</param>
internal sealed class Reconnect(BrokerAddress address, string connectionName, CancellationToken stopped)
{
    private volatile bool _wasConnected;

    /// <summary>The bus has connected once. Until then an attempt that fails is told at once.</summary>
    public void Connected() => _wasConnected = true;

    /// <summary>Called by the bus before each attempt; returns when it will succeed.</summary>
    /// <param name="factory">What it connects with, to the only host that it knows: all about the node is set here.</param>
    public async Task WaitAsync(ConnectionFactory factory)
    {
        factory.RequestedConnectionTimeout = factory.HandshakeContinuationTimeout = BrokerAddress.ConnectTimeout;
        await using var tried = _wasConnected ? await BrokerLink.OpenWhenThereAsync(address, connectionName, static _ => { }, giveUpWhenRefused: false, stopped) : null;
        var endpoint = address.EndpointOf(tried?.Node ?? address.Current);
        factory.EndpointResolverFactory = _ => new DefaultEndpointResolver([endpoint]);
    }
}
