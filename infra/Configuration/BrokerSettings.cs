using System.Collections;
using Broker.Connection;
using Broker.Logging;
using Microsoft.Extensions.Configuration;

namespace Broker.Configuration;

/// <summary>
/// What every program of the project is configured by. One rule: <c>appsettings.json</c> beside the program, then the environment
/// (<c>BROKER_URL</c>, <c>BROKER__SECTION__KEY</c>, <c>NAME_FILE</c> for a value that lies in a file), then the command line.
/// </summary>
public sealed class BrokerSettings
{
    /// <summary>Where RabbitMQ is: <c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c> for TLS. Default: guest on this machine.</summary>
    public string Url { get; set; } = "amqp://guest:guest@localhost:5672/";

    public LoggingSettings Logging { get; set; } = new();

    /// <summary>Reads file and environment.</summary>
    /// <exception cref="InvalidConfigurationException">A file named by the environment cannot be read, or a value has the wrong type.</exception>
    public static BrokerSettings Load(IDictionary environment)
    {
        var settings = new BrokerSettings();
        var builder = new ConfigurationBuilder();
        var file = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        if (File.Exists(file))
            builder.AddJsonFile(file, optional: true, reloadOnChange: false);
        builder.AddInMemoryCollection(FromEnvironment(environment));
        try
        {
            builder.Build().GetSection("Broker").Bind(settings);
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException)
        {
            throw new InvalidConfigurationException($"the configuration is not usable: {e.Message}", e);
        }

        return settings;
    }

    /// <summary>The broker's address, checked.</summary>
    /// <exception cref="InvalidConfigurationException"><see cref="Url"/> is no such address.</exception>
    public BrokerAddress Address => BrokerAddress.Parse(Url);

    /// <summary>The same settings for a process that this one starts.</summary>
    public IReadOnlyDictionary<string, string> ToEnvironment() => new Dictionary<string, string>
    {
        ["BROKER_URL"] = Url,
        ["BROKER__LOGGING__LEVEL"] = Logging.Level,
        ["BROKER__LOGGING__FORMAT"] = Logging.Format,
        ["BROKER__LOGGING__DIRECTORY"] = Logging.Directory,
    };

    private static IEnumerable<KeyValuePair<string, string?>> FromEnvironment(IDictionary environment)
    {
        foreach (DictionaryEntry entry in environment)
        {
            var (name, value) = ((string)entry.Key, (string?)entry.Value);
            if (!name.StartsWith("BROKER_", StringComparison.OrdinalIgnoreCase) || string.IsNullOrEmpty(value))
                continue;
            if (name.EndsWith("_FILE", StringComparison.OrdinalIgnoreCase))
                (name, value) = (name[..^"_FILE".Length], ReadSecret(name, value));
            if (name.Equals("BROKER_URL", StringComparison.OrdinalIgnoreCase))
                name = "BROKER__URL";
            if (name.Contains("__", StringComparison.Ordinal))
                yield return new(name.Replace("__", ":", StringComparison.Ordinal), value);
        }
    }

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
