using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Broker.Contracts;
using Microsoft.Extensions.Configuration;

namespace Broker.Logging.Elasticsearch;

/// <summary>The addresses of Elasticsearch and the credentials.</summary>
public sealed record ElasticsearchConnection
{
    /// <summary>The nodes, tried in turn. User and password are in the headers, not in these.</summary>
    public required IReadOnlyList<Uri> Nodes { get; init; }

    /// <summary>Sent with every request; the authorization is one of them.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Timeout of one request, including the transfer of its body. Default: 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A PEM file with the only certificate authorities to trust; null trusts those of the system.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>SHA-256 of a certificate in the server's chain, as 64 hexadecimal digits; trusted regardless of its issuer.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>The environment's settings, otherwise those of the Serilog section; null if neither names a node.</summary>
    /// <param name="serilog">Serilog's own section.</param>
    /// <param name="variable">Reads an environment variable; null if it is not set.</param>
    /// <exception cref="Contracts.InvalidConfigurationException">An address is invalid.</exception>
    public static ElasticsearchConnection? Of(IConfigurationSection serilog, Func<string, string?> variable)
    {
        var connection = variable("ELASTICSEARCH_URL") is { } url ? Parse(url, "ELASTICSEARCH_URL") : ElasticsearchArguments.NodesIn(serilog);
        return connection?.With(new ElasticsearchCredentials(
            variable("ELASTICSEARCH_USERNAME"),
            variable("ELASTICSEARCH_PASSWORD"),
            variable("ELASTICSEARCH_API_KEY"),
            variable("ELASTICSEARCH_CA"),
            variable("ELASTICSEARCH_FINGERPRINT")));
    }

    /// <summary>The nodes, without credentials.</summary>
    public override string ToString() => string.Join(", ", Nodes.Select(node => node.GetLeftPart(UriPartial.Path).TrimEnd('/')));

    /// <summary>Parses a list of node addresses; at most one has a user.</summary>
    /// <param name="nodes">Separated by comma or semicolon: <c>http://user:password@host:9200</c>.</param>
    /// <param name="source">The setting's name, for error messages.</param>
    /// <exception cref="Contracts.InvalidConfigurationException">An address is invalid.</exception>
    public static ElasticsearchConnection Parse(string nodes, string source)
    {
        var uris = new List<Uri>();
        var headers = new List<(string, string)>();
        foreach (var text in nodes.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // The text may contain a password, so it is not repeated.
            if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                throw new InvalidConfigurationException($"{source} is not a list of addresses such as http://localhost:9200");
            if (uri.UserInfo.Length > 0 && headers.Count == 0)
                headers.Add(Basic(Uri.UnescapeDataString(uri.UserInfo)));
            uris.Add(new UriBuilder(uri) { UserName = "", Password = "", Path = uri.AbsolutePath.TrimEnd('/') + "/" }.Uri);
        }

        if (uris.Count == 0)
            throw new InvalidConfigurationException($"{source} names no address");
        return new ElasticsearchConnection { Nodes = uris, Headers = headers };
    }

    /// <summary>A copy with other credentials; null values change nothing.</summary>
    public ElasticsearchConnection With(ElasticsearchCredentials credentials)
    {
        var authorization = credentials switch
        {
            { ApiKey: { } key } => ("Authorization", $"ApiKey {key}"),
            { Password: { } password } => Basic($"{credentials.Username ?? "elastic"}:{password}"),
            _ => ((string, string)?)null,
        };
        return this with
        {
            Headers = authorization is { } header ? [.. Headers.Where(old => !old.Name.Equals("Authorization", StringComparison.OrdinalIgnoreCase)), header] : Headers,
            AuthorityFile = credentials.AuthorityFile ?? AuthorityFile,
            Fingerprint = credentials.Fingerprint ?? Fingerprint,
        };
    }

    /// <exception cref="Contracts.InvalidConfigurationException">The authority's file cannot be read, or the fingerprint is invalid.</exception>
    internal HttpMessageHandler CreateHandler()
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        if (Fingerprint is not null)
        {
            var wanted = Fingerprint.Replace(":", "", StringComparison.Ordinal);
            if (wanted.Length != 64 || !wanted.All(char.IsAsciiHexDigit))
                throw new InvalidConfigurationException("ELASTICSEARCH_FINGERPRINT is a certificate's SHA-256: 64 hexadecimal digits");
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                (chain?.ChainElements.Select(element => element.Certificate) ?? [])
                    .Concat(certificate is X509Certificate2 own ? [own] : [])
                    .Any(each => each.GetCertHashString(HashAlgorithmName.SHA256).Equals(wanted, StringComparison.OrdinalIgnoreCase));
        }
        else if (AuthorityFile is not null)
        {
            var authorities = ReadAuthorities(AuthorityFile);
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return handler;
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new InvalidConfigurationException($"ELASTICSEARCH_CA names the file {file}, which holds no certificates in PEM form: {e.Message}", e);
        }

        return authorities.Count > 0 ? authorities : throw new InvalidConfigurationException($"ELASTICSEARCH_CA names the file {file}, which holds no certificate in PEM form");
    }

    private static (string, string) Basic(string userAndPassword) => ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(userAndPassword))}");
}

/// <summary>Credentials that are not in the address.</summary>
/// <param name="Username">For <paramref name="Password"/>; <c>elastic</c> if null.</param>
/// <param name="Password">Of that user.</param>
/// <param name="ApiKey">Instead of both: the encoded form.</param>
/// <param name="AuthorityFile">See <see cref="ElasticsearchConnection.AuthorityFile"/>.</param>
/// <param name="Fingerprint">See <see cref="ElasticsearchConnection.Fingerprint"/>.</param>
public sealed record ElasticsearchCredentials(string? Username, string? Password, string? ApiKey, string? AuthorityFile, string? Fingerprint);
