using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Broker.Contracts;

namespace Broker.Connection;

/// <summary>Our own certificate, for a broker that demands one. It opens the connection; who we are is said by user and password.</summary>
internal static class ClientCertificate
{
    /// <summary>Reads it with its key.</summary>
    /// <param name="certificate">The path of a PEM file, or its text.</param>
    /// <param name="key">The path of the PEM file with its key, or its text; null where the key stands beside the certificate.</param>
    /// <param name="certificateSetting">What a message calls the certificate: where it was set.</param>
    /// <param name="keySetting">What it calls the key.</param>
    /// <exception cref="InvalidConfigurationException">One of them cannot be read, or they do not belong together.</exception>
    public static X509Certificate2? Read(string? certificate, string? key, string certificateSetting, string keySetting)
    {
        if (certificate is not { Length: > 0 })
            return key is not { Length: > 0 } ? null : throw new InvalidConfigurationException($"{keySetting} is set without {certificateSetting}: name the certificate that it belongs to");
        var own = PemText.Read(certificate, certificateSetting);
        var secret = key is { Length: > 0 } ? PemText.Read(key, keySetting) : own;
        var keyPlace = key is { Length: > 0 } ? keySetting : certificateSetting;
        if (!own.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
            throw new InvalidConfigurationException($"{certificateSetting} holds no certificate: it needs a PEM block that begins with -----BEGIN CERTIFICATE-----");
        if (secret.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal))
            throw new InvalidConfigurationException($"{keyPlace} holds a key that is encrypted: store it without a password (openssl pkey), readable by this program alone");
        if (!secret.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new InvalidConfigurationException($"{keyPlace} holds no private key: it needs a PEM block that begins with -----BEGIN PRIVATE KEY-----{(ReferenceEquals(own, secret) ? $", unless {keySetting} names another file" : "")}");
        try
        {
            using var read = X509Certificate2.CreateFromPem(own, secret);
            // Windows' TLS takes no key that lives in memory only.
            return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pfx), password: null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InvalidConfigurationException($"{certificateSetting} and {keyPlace} cannot be used together: does the key belong to the certificate? ({e.Message.TrimEnd('.')})", e);
        }
    }
}
