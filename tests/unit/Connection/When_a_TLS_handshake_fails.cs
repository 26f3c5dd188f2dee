using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Broker.Connection;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Connection;

public sealed class When_a_TLS_handshake_fails : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TestAuthority _authority = new();

    public When_a_TLS_handshake_fails() => _listener.Start();

    public void Dispose()
    {
        _listener.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task An_unknown_authority_is_named()
    {
        var error = await ConnectAsync("amqps", _authority.Issue("127.0.0.1"), trusted: false);
        Assert.Contains("presented a certificate that is not trusted (issued by 'CN=Test authority'", error.Message, StringComparison.Ordinal);
        Assert.Equal((false, true), (error.CanRetry, error.Untrusted));
    }

    [Fact]
    public async Task Another_name_is_told_with_the_names_that_would_fit()
    {
        var error = await ConnectAsync("amqps", _authority.Issue("10.1.2.3", "rabbit.example"), trusted: true);
        Assert.Contains("presented a certificate for another name (rabbit.example, 10.1.2.3)", error.Message, StringComparison.Ordinal);
        Assert.False(error.CanRetry);
    }

    [Fact]
    public async Task An_expired_certificate_is_told_with_its_date()
    {
        var end = new DateTimeOffset(2020, 1, 2, 12, 0, 0, TimeSpan.Zero);
        var error = await ConnectAsync("amqps", _authority.Issue("127.0.0.1", end: end), trusted: true);
        Assert.Contains("presented a certificate that expired on 2020-01-02", error.Message, StringComparison.Ordinal);
        Assert.False(error.CanRetry);
    }

    [Fact]
    public async Task A_port_without_TLS_is_told()
    {
        var error = await ConnectAsync("amqps", certificate: null, trusted: true);
        Assert.Contains("is it RabbitMQ's port without TLS (usually 5672, amqp://)?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TLS_port_is_told_to_who_came_without()
    {
        var error = await ConnectAsync("amqp", _authority.Issue("127.0.0.1"), trusted: true);
        Assert.Contains("is it RabbitMQ's TLS port (usually 5671, amqps://)", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A certificate in order gets as far as AMQP, which this server does not speak.</summary>
    [Fact]
    public async Task A_certificate_of_the_given_authority_is_accepted()
    {
        var error = await ConnectAsync("amqps", _authority.Issue("127.0.0.1"), trusted: true);
        Assert.DoesNotContain("certificate", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("TLS", error.Message, StringComparison.Ordinal);
    }

    private async Task<BrokerUnavailableException> ConnectAsync(string scheme, X509Certificate2? certificate, bool trusted)
    {
        var serving = ServeAsync(certificate);
        var address = BrokerAddress.Parse($"{scheme}://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/", authorities: trusted ? [_authority.Certificate] : null);
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => BrokerConnection.OpenAsync(address, "test", TestContext.Current.CancellationToken));
        _listener.Stop();
        await serving;
        certificate?.Dispose();
        return error;
    }

    private async Task ServeAsync(X509Certificate2? certificate)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                try
                {
                    if (certificate is null)
                    {
                        // What RabbitMQ says to a header that it does not know.
                        await client.GetStream().WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray());
                        continue;
                    }

                    await using var tls = new SslStream(client.GetStream());
                    await tls.AuthenticateAsServerAsync(certificate);
                    await tls.ReadExactlyAsync(new byte[8]);
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The client has refused us, as it should.
                }
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // The listener was stopped.
        }
    }
}
