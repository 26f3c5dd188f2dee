using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Contracts;

namespace Broker.Connection;

/// <summary>Decides whether a broker's certificate is accepted, for both transports alike, and says what is wrong with one that is not.</summary>
/// <param name="authorities">The only authorities to trust; null trusts those of the system.</param>
internal sealed class ServerCertificate(X509Certificate2Collection? authorities)
{
    /// <summary>The end (UTC) of the certificate that was presented last; null before any was.</summary>
    public DateTime? End { get; private set; }

    /// <summary>Reads the authorities.</summary>
    /// <param name="pem">The path of a PEM file, or its text.</param>
    /// <param name="setting">What the message calls it: where it was set.</param>
    /// <exception cref="InvalidConfigurationException">It cannot be read, or holds no certificate.</exception>
    public static X509Certificate2Collection ReadAuthorities(string pem, string setting)
    {
        var read = new X509Certificate2Collection();
        var text = PemText.Read(pem, setting);
        try
        {
            read.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new InvalidConfigurationException($"{setting} is no PEM file with certificates that can be read: {e.Message}", e);
        }

        return read.Count > 0 ? read : throw new InvalidConfigurationException($"{setting} holds no certificate: it needs PEM blocks that begin with -----BEGIN CERTIFICATE-----");
    }

    /// <summary>A <see cref="RemoteCertificateValidationCallback"/> that throws instead of refusing: the reason reaches whoever connects, whatever wraps it.</summary>
    /// <exception cref="BrokerCertificateException">It is not accepted.</exception>
    public bool Accept(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            throw new BrokerCertificateException("presented no certificate: check the broker's TLS settings");
        var server = certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        End = server.NotAfter.ToUniversalTime();
        var status = errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) || authorities is not null ? Verify(server, chain) : [];
        if (Array.Exists(status, one => one.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)) && Outdated(server, chain) is { } outdated)
            throw new BrokerCertificateException(outdated);
        if (status.Length > 0)
            throw new BrokerCertificateException($"presented a certificate that is not trusted (issued by '{server.Issuer}': {status[0].StatusInformation.Trim()})") { Untrusted = true };
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            throw new BrokerCertificateException($"presented a certificate for another name ({NamesOf(server)}): use one of these names in the address, or give the broker a certificate with the name in the address");
        return true;
    }

    private X509ChainStatus[] Verify(X509Certificate2 server, X509Chain? presented)
    {
        if (authorities is null)
            return presented?.ChainStatus ?? [];
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainElements.Select(element => element.Certificate).ToArray());
        return chain.Build(server) ? [] : chain.ChainStatus;
    }

    private static string? Outdated(X509Certificate2 server, X509Chain? chain)
    {
        var now = DateTime.Now;
        foreach (var certificate in chain?.ChainElements.Select(element => element.Certificate).Prepend(server) ?? [server])
        {
            if (certificate.NotAfter < now)
                return $"presented a certificate that expired on {certificate.NotAfter:yyyy-MM-dd} ('{certificate.Subject}'): renew it";
            if (certificate.NotBefore > now)
                return $"presented a certificate that is valid only from {certificate.NotBefore:yyyy-MM-dd HH:mm} ('{certificate.Subject}'): check the clocks of both machines";
        }

        return null;
    }

    private static string NamesOf(X509Certificate2 server)
    {
        if (server.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is not { } names)
            return server.Subject;
        return string.Join(", ", [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())]);
    }
}

/// <summary>Raised inside a TLS handshake; its message completes "the broker at ...".</summary>
internal sealed class BrokerCertificateException(string message) : AuthenticationException(message)
{
    /// <summary>Whether another set of authorities would help.</summary>
    public bool Untrusted { get; init; }
}
