using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

/// <summary>A port in front of the shared broker: with a certificate it speaks TLS; without one a test can cut all connections, or the first that says something, or refuse them as if the broker were away.</summary>
internal sealed class BrokerFront : IDisposable
{
    private readonly Uri _broker = new(TestBroker.Require());
    private readonly X509Certificate2? _certificate;
    private readonly byte[]? _cutAt;
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _ends = [];
    private readonly int _port;
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _cuts;

    /// <param name="certificate">What it presents; null speaks plain AMQP.</param>
    /// <param name="cutAt">The first connection on which a client sends these bytes is cut there.</param>
    public BrokerFront(X509Certificate2? certificate = null, byte[]? cutAt = null)
    {
        _certificate = certificate;
        _cutAt = cutAt;
        _listener.Start();
        _port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(_listener);
    }

    public string Url => new UriBuilder(_broker) { Scheme = _certificate is null ? "amqp" : "amqps", Host = "127.0.0.1", Port = _port }.Uri.AbsoluteUri;

    /// <summary>How many connections were cut because of what they said.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

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
        _ = AcceptAsync(_listener);
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

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = ServeAsync(await listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped or disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        lock (_lock)
            _ends.AddRange([client, server]);
        try
        {
            using var ours = client;
            await server.ConnectAsync(_broker.Host, _broker.Port);
            await using Stream near = _certificate is null ? client.GetStream() : new SslStream(client.GetStream());
            if (near is SslStream tls)
                await tls.AuthenticateAsServerAsync(_certificate!);
            await Task.WhenAny(SendAsync(near, server.GetStream()), server.GetStream().CopyToAsync(near));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // One end is gone, or the client refuses the certificate.
        }
    }

    private async Task SendAsync(Stream client, Stream server)
    {
        var buffer = new byte[64 * 1024];
        while (await client.ReadAsync(buffer) is > 0 and var read)
        {
            if (_cutAt is not null && buffer.AsSpan(0, read).IndexOf(_cutAt) >= 0 && Interlocked.Increment(ref _cuts) == 1)
                return;
            await server.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
