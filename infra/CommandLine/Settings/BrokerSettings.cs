using System.Collections;
using Broker.Connection;
using Broker.Contracts;
using Broker.Logging;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Export;
using Broker.Logging.Settings;
using Microsoft.Extensions.Configuration;

namespace Broker.CommandLine.Settings;

/// <summary>
/// The settings of every program. Precedence, lowest first: <c>appsettings.json</c> beside the program, then the environment
/// (<c>BROKER_URL</c>, <c>BROKER_CA</c>, <c>BROKER_CERT</c>, <c>BROKER_KEY</c>, <c>BROKER__SECTION__KEY</c>, <c>SERILOG__SECTION__KEY</c>, <c>ELASTICSEARCH_URL</c> and <c>OTEL_SERVICE_NAME</c> and
/// their like, <c>NAME_FILE</c> for a value stored in a file, which counts only where <c>NAME</c> is not set), then the command line.
/// </summary>
public sealed class BrokerSettings
{
    private const string FileSuffix = "_FILE";

    private const string ConsumerSection = "Broker:Consumer";

    /// <summary>Variables that stand for a key of the section <c>Broker</c>, with one underscore.</summary>
    private static readonly string[] ShortNames = ["BROKER_URL", "BROKER_CA", "BROKER_CERT", "BROKER_KEY", "BROKER_MANAGEMENT"];

    private static readonly string[] Prefixes = ["BROKER_", "SERILOG__", "ELASTICSEARCH_", "OTEL_"];

    /// <summary>The address of RabbitMQ: <c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c> for TLS; the nodes of a cluster as <c>host1:port,host2:port</c>. Default: guest on this machine.</summary>
    public string Url { get; set; } = "amqp://guest:guest@localhost:5672/";

    /// <summary>With <c>amqps</c>: a PEM file with the only certificate authorities to trust, or its text. Default: those of the system.</summary>
    public string? Ca { get; set; }

    /// <summary>With <c>amqps</c>: a PEM file with our own certificate, or its text, for a broker that demands one. Default: none.</summary>
    public string? Cert { get; set; }

    /// <summary>A PEM file with its key, not encrypted, or its text. Default: the key stands beside the certificate.</summary>
    public string? Key { get; set; }

    /// <summary>The address of RabbitMQ's management plugin, from which <c>status</c> and <c>doctor</c> learn more: <c>http[s]://user:password@host:15672</c>. Default: none.</summary>
    public string? Management { get; set; }

    public LoggingSettings Logging { get; set; } = new();

    /// <summary>The section <c>Broker:Consumer</c>: options of the consumer's command line.</summary>
    public IConfigurationSection Consumer { get; private set; } = new ConfigurationBuilder().Build().GetSection(ConsumerSection);

    /// <summary>Where spans and metrics go, by OpenTelemetry's own variables.</summary>
    public TelemetrySettings Telemetry { get; private set; } = new(new Dictionary<string, string?>());

    /// <summary>Reads file and environment.</summary>
    /// <exception cref="InvalidConfigurationException">A file named by the environment cannot be read, or a value has the wrong type.</exception>
    public static BrokerSettings Load(IDictionary environment)
    {
        var settings = new BrokerSettings();
        var builder = new ConfigurationBuilder();
        var file = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        if (File.Exists(file))
            builder.AddJsonFile(file, optional: true, reloadOnChange: false);
        var variables = FromEnvironment(environment);
        builder.AddInMemoryCollection(variables);
        try
        {
            var configuration = builder.Build();
            configuration.GetSection("Broker").Bind(settings);
            settings.Consumer = configuration.GetSection(ConsumerSection);
            settings.Logging.Serilog = configuration.GetSection("Serilog");
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException)
        {
            throw new InvalidConfigurationException($"the configuration is not usable: {e.Message}", e);
        }

        settings.Logging.Elasticsearch = ElasticsearchConnection.Of(settings.Logging.Serilog, variables.GetValueOrDefault);
        settings.Telemetry = new TelemetrySettings(variables);
        return settings;
    }

    /// <summary>The broker's address, checked.</summary>
    /// <exception cref="InvalidConfigurationException"><see cref="Url"/> is no such address, or a certificate or key cannot be read.</exception>
    internal BrokerAddress Address => BrokerAddress.Parse(
        Url,
        "the broker address (BROKER_URL or --broker)",
        Ca is { Length: > 0 } ca ? ServerCertificate.ReadAuthorities(ca, "BROKER_CA or --broker-ca") : null,
        ClientCertificate.Read(Cert, Key, "BROKER_CERT or --broker-cert", "BROKER_KEY or --broker-key"));

    /// <summary>The settings as environment variables for a child process.</summary>
    public IReadOnlyDictionary<string, string> ToEnvironment() => new Dictionary<string, string>
    {
        ["BROKER_URL"] = Url,
        ["BROKER_CA"] = Ca ?? "",
        ["BROKER_CERT"] = Cert ?? "",
        ["BROKER_KEY"] = Key ?? "",
        ["BROKER__LOGGING__LEVEL"] = Logging.Level,
        ["BROKER__LOGGING__FORMAT"] = Logging.Format,
    };

    /// <summary>This project's variables, as configuration keys.</summary>
    private static Dictionary<string, string?> FromEnvironment(IDictionary environment)
    {
        var variables = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var files = new List<(string Name, string Path)>();
        foreach (DictionaryEntry entry in environment)
        {
            var (name, value) = ((string)entry.Key, (string?)entry.Value);
            if (!Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) || string.IsNullOrEmpty(value))
                continue;
            // OpenTelemetry has names of its own that end so.
            if (name.EndsWith(FileSuffix, StringComparison.OrdinalIgnoreCase) && !name.StartsWith("OTEL_", StringComparison.OrdinalIgnoreCase))
                files.Add((name, value));
            else
                variables[KeyOf(name)] = value;
        }

        // A supervisor's children inherit the name of the file, and are given the value that counts in the variable itself.
        foreach (var (name, path) in files)
        {
            var key = KeyOf(name[..^FileSuffix.Length]);
            if (!variables.ContainsKey(key))
                variables.Add(key, ReadSecret(name, path));
        }

        return variables;
    }

    private static string KeyOf(string name) =>
        (ShortNames.Contains(name, StringComparer.OrdinalIgnoreCase) ? $"BROKER__{name["BROKER_".Length..]}" : name).Replace("__", ":", StringComparison.Ordinal);

    private static string ReadSecret(string name, string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidConfigurationException($"{name} names the file {path}, which cannot be read: {e.Message}", e);
        }
    }
}
