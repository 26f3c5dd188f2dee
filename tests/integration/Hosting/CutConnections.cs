using System.Net;
using System.Net.Sockets;

namespace Broker.Tests.Integration.Hosting;

/// <summary>A way to the broker on which a test can cut every connection.</summary>
internal sealed class CutConnections : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _broker;
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _ends = [];

    public CutConnections(string broker)
    {
        _broker = new Uri(broker);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Url => new UriBuilder(_broker) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri.AbsoluteUri;

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
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                var server = new TcpClient();
                await server.ConnectAsync(_broker.Host, _broker.Port);
                lock (_lock)
                    _ends.AddRange([client, server]);
                _ = client.GetStream().CopyToAsync(server.GetStream());
                _ = server.GetStream().CopyToAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
