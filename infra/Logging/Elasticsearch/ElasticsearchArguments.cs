using Broker.Contracts;
using Microsoft.Extensions.Configuration;
using Serilog.Configuration;

namespace Broker.Logging.Elasticsearch;

/// <summary>
/// The sink's entry in Serilog's own section: <c>"WriteTo": [{ "Name": "Elasticsearch", "Args": { "nodeUris": "..." } }]</c>. Serilog
/// ignores unknown arguments; here a misspelt argument is an error.
/// </summary>
internal static class ElasticsearchArguments
{
    public const string SinkName = "Elasticsearch";

    /// <summary>The package whose arguments these are. If the configuration uses it, the entry is not validated here.</summary>
    private const string Package = "Serilog.Sinks.Elasticsearch";

    private static readonly string[] Known =
        [.. typeof(ElasticsearchLoggerConfigurationExtensions).GetMethod(SinkName)!.GetParameters().Where(parameter => parameter.ParameterType != typeof(LoggerSinkConfiguration)).Select(parameter => parameter.Name!)];

    /// <summary>The nodes that the section names; null if it does not have the sink.</summary>
    /// <exception cref="Contracts.InvalidConfigurationException">An argument is unknown, or an address is invalid.</exception>
    public static ElasticsearchConnection? NodesIn(IConfigurationSection serilog)
    {
        if (EntryIn(serilog) is not { } entry)
            return null;
        if (!UsesPackage(serilog))
            Check(entry);
        var nodes = entry["Args:nodeUris"] ?? throw new InvalidConfigurationException($"{entry.Path}: the Elasticsearch sink needs the argument nodeUris");
        var connection = ElasticsearchConnection.Parse(nodes, $"{entry.Path}:Args:nodeUris");
        return connection with
        {
            Headers = [.. connection.Headers, .. Headers(entry["Args:connectionGlobalHeaders"] ?? "")],
            AuthorityFile = entry["Args:certificateAuthority"],
            Fingerprint = entry["Args:certificateFingerprint"],
            Timeout = int.TryParse(entry["Args:connectionTimeout"], out var seconds) && seconds > 0 ? TimeSpan.FromSeconds(seconds) : connection.Timeout,
        };
    }

    public static IConfigurationSection? EntryIn(IConfigurationSection serilog) =>
        serilog.GetSection("WriteTo").GetChildren().FirstOrDefault(sink => sink["Name"] == SinkName);

    /// <summary>An argument of the sink in the section, or null.</summary>
    public static string? ValueIn(IConfigurationSection serilog, string name) => EntryIn(serilog)?[$"Args:{name}"];

    public static bool UsesPackage(IConfigurationSection serilog) => serilog.GetSection("Using").GetChildren().Any(assembly => assembly.Value == Package);

    /// <summary><c>name=value</c>, separated by comma or semicolon.</summary>
    /// <exception cref="Contracts.InvalidConfigurationException">One has no value.</exception>
    public static IEnumerable<(string Name, string Value)> Headers(string text)
    {
        foreach (var header in text.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = header.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw new InvalidConfigurationException("connectionGlobalHeaders is a list such as Name=value,Other=value");
            yield return (header[..at].Trim(), header[(at + 1)..].Trim());
        }
    }

    private static void Check(IConfigurationSection entry)
    {
        var unknown = entry.GetSection("Args").GetChildren().Select(argument => argument.Key).Where(name => !Known.Contains(name, StringComparer.OrdinalIgnoreCase)).ToList();
        if (unknown.Count > 0)
            throw new InvalidConfigurationException($"{entry.Path}: the Elasticsearch sink has no argument {string.Join(", ", unknown)} (it has {string.Join(", ", Known)})");
    }
}
