using Broker.Connection;

namespace Broker.Bus;

/// <summary>Has a bus connect again within a second of the broker's return; left alone, it waits 3, 6, 12 and up to 30 seconds between two attempts.</summary>
/// <param name="address">The broker.</param>
/// <param name="connectionName">The connection's name on the broker.</param>
/// <param name="stopped">The bus stops: it waits no longer.</param>
internal sealed class Reconnect(BrokerAddress address, string connectionName, CancellationToken stopped)
{
    private volatile bool _wasConnected;

    /// <summary>The bus has connected once. Until then an attempt that fails is told at once.</summary>
    public void Connected() => _wasConnected = true;

    /// <summary>Called by the bus before each attempt; returns when it will succeed.</summary>
    public async Task WaitAsync()
    {
        if (!_wasConnected)
            return;
        await using var tried = await BrokerLink.OpenWhenThereAsync(address.ToFactory(connectionName), address, static _ => { }, giveUpWhenRefused: false, stopped);
    }
}
