using System.Net.Security;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Broker.Connection;

/// <summary>
/// Hears what a broker has against our certificate, or that it misses one. With TLS 1.3 it looks at it when the handshake is over for us. The client library has sent its first
/// bytes by then, and a connection that is closed with them unread is reset, which may overtake the alert. Who only listens hears it.
/// </summary>
internal static partial class TlsAlert
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>What is wrong with our certificate, or that it is missing; null where no exception says so.</summary>
    public static string? In(IEnumerable<Exception> chain) =>
        chain.Select(e => CertificateAlert().Match(e.Message)).FirstOrDefault(match => match.Success)?.Groups["alert"].Value;

    /// <summary>The alert, where <paramref name="error"/> is a connection that ended early and there is one; else the error as it is.</summary>
    /// <param name="error">What was raised while connecting.</param>
    /// <param name="address">That of one node.</param>
    public static async Task<Exception> OrAsync(Exception error, BrokerAddress address)
    {
        if (!address.Tls || error is TimeoutException or OperationCanceledException || IsOfCertificate(error))
            return error;
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            using var client = new TcpClient();
            await client.ConnectAsync(address.Current.Host, address.Current.Port, limit.Token);
            var ssl = address.EndpointOf(address.Current).Ssl;
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, ssl.CertificateValidationCallback, ssl.CertificateSelectionCallback);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = ssl.ServerName }, limit.Token);
            await tls.ReadExactlyAsync(new byte[1], limit.Token);
        }
        catch (Exception heard) when (IsOfCertificate(heard))
        {
            return heard;
        }
        catch (Exception)
        {
            // It says nothing of certificates; the first error stands.
        }

        return error;
    }

    private static bool IsOfCertificate(Exception error)
    {
        var chain = BrokerUnavailableException.Unfold(error).ToList();
        return chain.OfType<BrokerCertificateException>().Any() || In(chain) is not null;
    }

    [GeneratedRegex("alert (?<alert>certificate required|unknown ca|bad certificate|unsupported certificate|certificate (revoked|expired|unknown))", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CertificateAlert();
}
