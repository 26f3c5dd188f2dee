using System.Net;
using System.Net.Sockets;

namespace Broker.Tests.Integration.Hosting;

/// <summary>A way to the broker on which a test can cut every connection, and refuse new ones as if the broker were away.</summary>
internal sealed class CutConnections : IDisposable
{
    private readonly Uri _broker;
    private readonly int _port;
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _ends = [];

    public CutConnections(string broker)
    {
        _broker = new Uri(broker);
        _listener.Start();
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public string Url => new UriBuilder(_broker) { Port = _port }.Uri.AbsoluteUri;

    /// <summary>Cuts every connection, and refuses new ones until <see cref="Allow"/>.</summary>
    public void Refuse()
    {
        _listener.Stop();
        Cut();
    }

    public void Allow()
    {
        _listener = new TcpListener(IPAddress.Loopback, _port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public void Cut()
    {
        lock (_lock)
        {
            foreach (var end in _ends)
                end.Dispose();
            _ends.Clear();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Cut();
    }

    private async Task AcceptAsync()
    {
        var listener = _listener;
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                await server.ConnectAsync(_broker.Host, _broker.Port);
                lock (_lock)
                    _ends.AddRange([client, server]);
                _ = client.GetStream().CopyToAsync(server.GetStream());
                _ = server.GetStream().CopyToAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped or disposed.
        }
    }
}
