using System.Globalization;
using System.Reflection;
using Broker.Contracts;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Settings;
using Microsoft.Extensions.Configuration;
using Serilog;

namespace Broker.Logging;

/// <summary>Serilog's own section, merged with the other settings.</summary>
internal static class SerilogSection
{
    /// <summary>Adds the sinks that the section names.</summary>
    /// <exception cref="Contracts.InvalidConfigurationException">An argument breaks its rule.</exception>
    public static void Apply(LoggingSettings settings, LoggerConfiguration configuration)
    {
        if (!settings.Serilog.Exists())
            return;
        try
        {
            configuration.ReadFrom.Configuration(Complete(settings));
        }
        catch (TargetInvocationException e) when (e.InnerException is InvalidConfigurationException rule)
        {
            throw new InvalidConfigurationException(rule.Message, e);
        }
        catch (Exception e) when (e is TargetInvocationException or InvalidOperationException or FormatException or ArgumentException or IOException)
        {
            throw new InvalidConfigurationException($"the section Serilog is not usable: {(e.InnerException ?? e).Message}", e);
        }
    }

    /// <summary>The section, with the nodes, credentials and spool of the environment added to the Elasticsearch sink.</summary>
    private static IConfiguration Complete(LoggingSettings settings)
    {
        var added = new Dictionary<string, string?>();
        if (ElasticsearchArguments.EntryIn(settings.Serilog) is { } entry && settings.Elasticsearch is { } connection)
        {
            Set("nodeUris", string.Join(';', connection.Nodes));
            if (connection.Headers.Count > 0)
                Set("connectionGlobalHeaders", string.Join(';', connection.Headers.Select(header => $"{header.Name}={header.Value}")));
            if (!ElasticsearchArguments.UsesPackage(settings.Serilog))
            {
                added["Serilog:Using:broker"] = typeof(SerilogSection).Assembly.GetName().Name;
                Set("certificateAuthority", connection.AuthorityFile);
                Set("certificateFingerprint", connection.Fingerprint);
                Default("bufferBaseFilename", SpoolBase(settings));
                Default("bufferFileCountLimit", Segments(settings, long.TryParse(entry["Args:bufferFileSizeLimitBytes"], CultureInfo.InvariantCulture, out var bytes) ? bytes : ElasticsearchSinkOptions.DefaultSegmentBytes).ToString(CultureInfo.InvariantCulture));
            }

            void Default(string name, string value) => Set(name, entry[$"Args:{name}"] ?? value);

            void Set(string name, string? value)
            {
                if (value is not null)
                    added[$"{entry.Path}:Args:{name}"] = value;
            }
        }

        return new ConfigurationBuilder().AddInMemoryCollection(settings.Serilog.AsEnumerable()).AddInMemoryCollection(added).Build();
    }

    /// <summary>The sink's options if the Serilog section does not have the sink.</summary>
    public static ElasticsearchSinkOptions Options(LoggingSettings settings, ElasticsearchConnection connection) => new()
    {
        Connection = connection,
        SpoolBase = DefaultSpoolBase(settings),
        Segments = Segments(settings, ElasticsearchSinkOptions.DefaultSegmentBytes),
    };

    /// <summary>The spool, whichever way the sink is configured.</summary>
    public static string SpoolBase(LoggingSettings settings) =>
        ElasticsearchArguments.ValueIn(settings.Serilog, "bufferBaseFilename") is { } named ? Path.GetFullPath(named) : DefaultSpoolBase(settings);

    private static string DefaultSpoolBase(LoggingSettings settings) => Path.Combine(Path.GetFullPath(settings.Spool), ElasticsearchSinkOptions.SpoolName);

    private static int Segments(LoggingSettings settings, long segmentBytes) => (int)Math.Clamp(settings.SpoolBytes / Math.Max(1, segmentBytes), 2, 1_000_000);
}
