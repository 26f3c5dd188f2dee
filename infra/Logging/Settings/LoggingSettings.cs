using Broker.Contracts;
using Broker.Logging.Elasticsearch;
using Broker.Logging.Events;
using Broker.Logging.Spool;
using Microsoft.Extensions.Configuration;
using Serilog.Events;

namespace Broker.Logging.Settings;

/// <summary>How a process logs. Set by <c>BROKER__LOGGING__LEVEL</c> and so on, or by the program's options.</summary>
public sealed class LoggingSettings
{
    /// <summary>The minimum level: debug, info, warning or error. The producer's console uses warning unless an option says otherwise.</summary>
    public string Level { get; set; } = "info";

    /// <summary><c>plain</c> for people, <c>json</c> for machines: one ECS document per line.</summary>
    public string Format { get; set; } = "plain";

    /// <summary>
    /// The folder for ECS NDJSON files, one per process, rolled by size. <c>none</c> switches the files off. Default: <see cref="DefaultDirectory"/>,
    /// and no files if Elasticsearch is configured.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary><c>broker/logs</c> in the user's data folder (<c>~/.local/share</c>).</summary>
    public static string DefaultDirectory { get; } = Path.Combine(DataFolder, "logs");

    /// <summary>The folder of events not yet sent to Elasticsearch, shared by all processes. Default: <see cref="DefaultSpool"/>.</summary>
    public string Spool { get; set; } = DefaultSpool;

    /// <summary><c>broker/spool</c> in the user's data folder.</summary>
    public static string DefaultSpool { get; } = SpoolFolder.Default;

    /// <summary>The folder of the files that tell a crashed consumer from a stopped one: beside <see cref="Spool"/>, named after it.</summary>
    public string LifeMarks => Path.TrimEndingDirectorySeparator(Path.GetFullPath(Spool)) + ".alive";

    /// <summary>Maximum size per process, in bytes; beyond it the lowest level is dropped first, of it the oldest. Default: 256 MiB.</summary>
    public long SpoolBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Size in bytes at which a process's file is rolled; the newest four are kept.</summary>
    public long FileBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Where events are written to and log lines are read from; null if no Elasticsearch is configured.</summary>
    public ElasticsearchConnection? Elasticsearch { get; set; }

    /// <summary>Serilog's own section, for further sinks and for the arguments of the one for Elasticsearch.</summary>
    public IConfigurationSection Serilog { get; set; } = new ConfigurationBuilder().Build().GetSection("Serilog");

    private static string DataFolder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "broker");

    /// <exception cref="Contracts.InvalidConfigurationException">A value breaks its rule.</exception>
    internal static LogEventLevel Parse(string level) => LevelNames.Find(level) switch
    {
        "debug" => LogEventLevel.Debug,
        "info" => LogEventLevel.Information,
        "warning" => LogEventLevel.Warning,
        "error" => LogEventLevel.Error,
        _ => throw new InvalidConfigurationException($"log level '{level}' is not one of {LevelNames.Choices}"),
    };

    internal static string NameOf(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose or LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        _ => "error",
    };

    internal bool Json => Format.ToLowerInvariant() switch
    {
        "plain" => false,
        "json" => true,
        _ => throw new InvalidConfigurationException($"log format '{Format}' is neither plain nor json"),
    };
}
