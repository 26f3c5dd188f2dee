using System.Security.Cryptography.X509Certificates;
using Broker.Contracts;
using RabbitMQ.Client;

namespace Broker.Connection;

/// <summary>Where a broker is and who we are there. Prints without the password.</summary>
internal sealed class BrokerAddress
{
    private BrokerAddress(string host, int port, string virtualHost, string user, string password, bool tls, X509Certificate2Collection? authorities)
    {
        Host = host;
        Port = port;
        VirtualHost = virtualHost;
        User = user;
        Password = password;
        Tls = tls;
        Certificate = new ServerCertificate(authorities);
    }

    public string Host { get; }

    public int Port { get; }

    public string VirtualHost { get; }

    public string User { get; }

    public bool Tls { get; }

    internal string Password { get; }

    /// <summary>Checks the certificate that the broker presents.</summary>
    internal ServerCertificate Certificate { get; }

    /// <summary>
    /// The heartbeat: a peer that vanished without closing is noticed after two of these. Short enough that a job of a dead machine
    /// runs again within half a minute.
    /// </summary>
    internal static TimeSpan Heartbeat { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a broker may take to answer a connection attempt.</summary>
    internal static TimeSpan ConnectTimeout { get; } = TimeSpan.FromSeconds(4);

    /// <summary>Reads <c>amqp[s]://user:password@host:port/vhost</c>; user, password, port and virtual host have RabbitMQ's defaults.</summary>
    /// <param name="url">The address.</param>
    /// <param name="setting">What the message calls it: where the address was set.</param>
    /// <param name="authorities">With <c>amqps</c>, the only certificate authorities to trust; null trusts those of the system.</param>
    /// <exception cref="InvalidConfigurationException">It is no such address. The message does not repeat it, for it may hold a password.</exception>
    public static BrokerAddress Parse(string url, string setting = "the broker address", X509Certificate2Collection? authorities = null)
    {
        const string Form = "write it as amqp://user:password@host:5672/vhost (amqps for TLS; percent-encode special characters)";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
            throw new InvalidConfigurationException($"{setting} is not a URL: {Form}");
        if (uri.Scheme is not ("amqp" or "amqps"))
            throw new InvalidConfigurationException($"{setting} begins with '{uri.Scheme}:': {Form}");
        if (uri.AbsolutePath.Trim('/').Contains('/', StringComparison.Ordinal))
            throw new InvalidConfigurationException($"{setting} names more than one virtual host: {Form}");

        var tls = uri.Scheme == "amqps";
        var credentials = uri.UserInfo.Split(':', 2);
        var virtualHost = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        return new BrokerAddress(
            uri.Host,
            uri.Port > 0 ? uri.Port : tls ? 5671 : 5672,
            virtualHost.Length == 0 ? "/" : virtualHost,
            credentials[0].Length == 0 ? "guest" : Uri.UnescapeDataString(credentials[0]),
            credentials.Length < 2 ? "guest" : Uri.UnescapeDataString(credentials[1]),
            tls,
            authorities);
    }

    /// <summary>The address without the password, fit for screens and logs.</summary>
    public override string ToString() =>
        $"{(Tls ? "amqps" : "amqp")}://{User}@{Host}:{Port}{(VirtualHost.StartsWith('/') ? "" : "/")}{VirtualHost}";

    internal ConnectionFactory ToFactory(string connectionName) => new()
    {
        HostName = Host,
        Port = Port,
        VirtualHost = VirtualHost,
        UserName = User,
        Password = Password,
        ClientProvidedName = connectionName,
        RequestedHeartbeat = Heartbeat,
        // The client's own recovery misses channel errors and a failed first connect; BrokerConnection reconnects instead.
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedConnectionTimeout = ConnectTimeout,
        Ssl = new SslOption(Host, enabled: Tls) { CertificateValidationCallback = Certificate.Accept },
    };
}
