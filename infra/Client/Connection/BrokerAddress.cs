using System.Security.Cryptography.X509Certificates;
using Broker.Contracts;
using RabbitMQ.Client;

namespace Broker.Connection;

/// <summary>A node of a broker: its host and AMQP port.</summary>
internal readonly record struct BrokerNode(string Host, int Port)
{
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>
/// Where a broker is, which may be several nodes of one cluster, and who we are there. Prints without the password. All connections made with it begin at the same node, as
/// long as that answers: a random one, so that the processes of a fleet spread over all.
/// </summary>
internal sealed class BrokerAddress
{
    private readonly string _password;

    /// <summary>What we present to a broker that demands a certificate.</summary>
    private readonly X509Certificate2? _certificate;

    private TimeSpan _heartbeat = Heartbeat;
    private int _current;

    private BrokerAddress(IReadOnlyList<BrokerNode> nodes, string virtualHost, string user, string password, bool tls, ServerCertificate server, X509Certificate2? certificate)
    {
        Nodes = nodes;
        VirtualHost = virtualHost;
        User = user;
        _password = password;
        Tls = tls;
        Server = server;
        _certificate = certificate;
        _current = Random.Shared.Next(nodes.Count);
    }

    public IReadOnlyList<BrokerNode> Nodes { get; }

    /// <summary>Where connections begin: the node that answered last.</summary>
    public BrokerNode Current => Nodes[Volatile.Read(ref _current)];

    public string VirtualHost { get; }

    public string User { get; }

    public bool Tls { get; }

    internal string Password => _password;

    /// <summary>Checks the certificate that the broker presents.</summary>
    internal ServerCertificate Server { get; }

    /// <summary>What the broker is told of our certificate: its subject and issuer; null where we have none.</summary>
    internal string? Certificate => _certificate is { } ours ? $"'{ours.Subject}', issued by '{ours.Issuer}'" : null;

    /// <summary>
    /// The heartbeat: a peer that vanished without closing is noticed after two of these. Short enough that a job of a dead machine
    /// runs again within half a minute.
    /// </summary>
    internal static TimeSpan Heartbeat { get; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a node may take to answer a connection attempt.</summary>
    internal static TimeSpan ConnectTimeout { get; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// Reads <c>amqp[s]://user:password@host:port/vhost</c>, or with several nodes <c>host1:port,host2:port</c>; user, password, ports and virtual host have RabbitMQ's defaults.
    /// </summary>
    /// <param name="url">The address.</param>
    /// <param name="setting">What the message calls it: where the address was set.</param>
    /// <param name="authorities">With <c>amqps</c>, the only certificate authorities to trust; null trusts those of the system.</param>
    /// <param name="certificate">With <c>amqps</c>, ours, with its key; null for none.</param>
    /// <exception cref="InvalidConfigurationException">It is no such address. The message does not repeat it, for it may hold a password.</exception>
    public static BrokerAddress Parse(string url, string setting = "the broker address", X509Certificate2Collection? authorities = null, X509Certificate2? certificate = null)
    {
        const string Form = "write it as amqp://user:password@host:5672/vhost (amqps for TLS; percent-encode special characters)";
        const string Cluster = "write the nodes of a cluster as amqp://user:password@host1:5672,host2:5672/vhost";
        var uris = Split(url, out var hosts);
        if (url.AsSpan(hosts).Contains("://", StringComparison.Ordinal))
            throw new InvalidConfigurationException($"{setting} is more than one URL: {Cluster}");
        for (var one = 0; one < uris.Count; one++)
        {
            if (uris[one] is not { Host.Length: > 0 })
                throw new InvalidConfigurationException(uris.Count == 1 ? $"{setting} is not a URL: {Form}" : $"{setting} is not a URL (host {one + 1} of {uris.Count}): {Cluster}");
        }

        var uri = uris[0]!;
        if (uri.Scheme is not ("amqp" or "amqps"))
            throw new InvalidConfigurationException($"{setting} begins with '{uri.Scheme}:': {Form}");
        var path = uri.AbsolutePath.Trim('/');
        if (path.Contains('/', StringComparison.Ordinal))
            throw new InvalidConfigurationException($"{setting} names more than one virtual host: {Form}");
        if (path.Contains(',', StringComparison.Ordinal))
            throw new InvalidConfigurationException($"{setting} has a comma in its virtual host: {Cluster} (a comma of the name as %2C)");

        var tls = uri.Scheme == "amqps";
        var credentials = uri.UserInfo.Split(':', 2);
        var virtualHost = Uri.UnescapeDataString(path);
        return new BrokerAddress(
            [.. uris.Select(node => new BrokerNode(node!.Host, node.Port > 0 ? node.Port : tls ? 5671 : 5672))],
            virtualHost.Length == 0 ? "/" : virtualHost,
            credentials[0].Length == 0 ? "guest" : Uri.UnescapeDataString(credentials[0]),
            credentials.Length < 2 ? "guest" : Uri.UnescapeDataString(credentials[1]),
            tls,
            new ServerCertificate(authorities),
            certificate);
    }

    /// <summary>All nodes, from the current one on.</summary>
    public IEnumerable<BrokerNode> InTurn()
    {
        var first = Volatile.Read(ref _current);
        return Enumerable.Range(0, Nodes.Count).Select(turn => Nodes[(first + turn) % Nodes.Count]);
    }

    /// <summary>This node answered, so connections begin with it.</summary>
    public void Answered(BrokerNode node) => Volatile.Write(ref _current, IndexOf(node));

    /// <summary>It did not, so they begin with the next.</summary>
    public void Failed(BrokerNode node)
    {
        var failed = IndexOf(node);
        Interlocked.CompareExchange(ref _current, (failed + 1) % Nodes.Count, failed);
    }

    /// <summary>One of its nodes alone.</summary>
    public BrokerAddress Of(BrokerNode node) => Copy([node], _heartbeat);

    /// <summary>The same with another heartbeat.</summary>
    public BrokerAddress With(TimeSpan heartbeat) => Copy(Nodes, heartbeat);

    /// <summary>The address without the password, fit for screens and logs.</summary>
    public override string ToString() =>
        $"{(Tls ? "amqps" : "amqp")}://{User}@{string.Join(',', Nodes)}{(VirtualHost.StartsWith('/') ? "" : "/")}{VirtualHost}";

    internal ConnectionFactory ToFactory(string connectionName) => new()
    {
        VirtualHost = VirtualHost,
        UserName = User,
        Password = _password,
        ClientProvidedName = connectionName,
        RequestedHeartbeat = _heartbeat,
        // The client's own recovery misses channel errors and a failed first connect; BrokerConnection reconnects instead.
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedConnectionTimeout = ConnectTimeout,
    };

    /// <summary>A node as the client library connects to it: with TLS, its certificate has to bear the name of its host.</summary>
    internal AmqpTcpEndpoint EndpointOf(BrokerNode node) => new(node.Host, node.Port, new SslOption(node.Host, enabled: Tls)
    {
        CertificateValidationCallback = Server.Accept,
        // Left to itself, the runtime presents none that the broker's list of authorities does not fit, and the broker would miss it instead of saying what it has against it.
        CertificateSelectionCallback = _certificate is { } ours ? (_, _, _, _, _) => ours : null,
    });

    /// <summary>One URI for each host, null for what is none; and where the hosts begin.</summary>
    private static List<Uri?> Split(string url, out int hosts)
    {
        var begin = url.IndexOf("://", StringComparison.Ordinal);
        begin = begin < 0 ? 0 : begin + "://".Length;
        var end = url.IndexOfAny(['/', '?', '#'], begin);
        if (end < 0)
            end = url.Length;
        hosts = begin + url[begin..end].LastIndexOf('@') + 1;
        var (before, after) = (url[..hosts], url[end..]);
        return [.. url[hosts..end].Split(',').Select(host => Uri.TryCreate($"{before}{host}{after}", UriKind.Absolute, out var uri) ? uri : null)];
    }

    private BrokerAddress Copy(IReadOnlyList<BrokerNode> nodes, TimeSpan heartbeat) => new(nodes, VirtualHost, User, _password, Tls, Server, _certificate) { _heartbeat = heartbeat };

    private int IndexOf(BrokerNode node)
    {
        var index = 0;
        while (index < Nodes.Count - 1 && Nodes[index] != node)
            index++;
        return index;
    }
}
