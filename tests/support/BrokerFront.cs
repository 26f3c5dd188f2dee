using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Broker.Tests.Support;

/// <summary>
/// A port in front of a broker: with a certificate it speaks TLS; without one a test can cut all connections, or the first that says something, let them fall silent, or refuse them as if the broker were
/// away.
/// </summary>
public sealed class BrokerFront : IDisposable
{
    private readonly Uri _broker;
    private readonly X509Certificate2? _certificate;
    private readonly byte[]? _cutAt;
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _ends = [];
    private readonly int _port;
    private TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _cuts;
    private int _silences;

    /// <param name="certificate">What it presents; null speaks plain AMQP.</param>
    /// <param name="cutAt">The first connection on which a client sends these bytes is cut there.</param>
    /// <param name="url">The broker; null for the shared one.</param>
    public BrokerFront(X509Certificate2? certificate = null, byte[]? cutAt = null, string? url = null)
    {
        _broker = new Uri(url ?? TestBroker.Require());
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

    /// <summary>The connections that stand now stay open, and nothing that is said on them arrives any more.</summary>
    public void Silence() => Interlocked.Increment(ref _silences);

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
        var silences = Volatile.Read(ref _silences);
        lock (_lock)
            _ends.AddRange([client, server]);
        try
        {
            using var ours = client;
            await server.ConnectAsync(_broker.Host, _broker.Port);
            await using Stream near = _certificate is null ? client.GetStream() : new SslStream(client.GetStream());
            if (near is SslStream tls)
                await tls.AuthenticateAsServerAsync(_certificate!);
            await Task.WhenAny(SendAsync(near, server.GetStream(), silences, _cutAt), SendAsync(server.GetStream(), near, silences, null));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // One end is gone, or the client refuses the certificate.
        }
    }

    private async Task SendAsync(Stream from, Stream to, int silences, byte[]? cutAt)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer) is > 0 and var read)
        {
            if (cutAt is not null && buffer.AsSpan(0, read).IndexOf(cutAt) >= 0 && Interlocked.Increment(ref _cuts) == 1)
                return;
            if (Volatile.Read(ref _silences) == silences)
                await to.WriteAsync(buffer.AsMemory(0, read));
        }
    }
}
