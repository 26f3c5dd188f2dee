using Serilog.Core;
using Serilog.Events;

namespace Broker.Logging.Settings;

/// <summary>The minimum levels of a process's sinks, which can be changed while it runs. Every sink uses one of the switches.</summary>
public sealed class LogLevels
{
    /// <summary>The category of the one line per job.</summary>
    internal const string JobCategory = "Broker.Jobs";

    private readonly LogEventLevel _console;
    private readonly LogEventLevel _kept;

    /// <param name="console">The console's minimum level at the start.</param>
    /// <param name="kept">That of the sinks that store events: files, Elasticsearch.</param>
    internal LogLevels(LogEventLevel console, LogEventLevel kept)
    {
        _console = console;
        _kept = kept;
        Reset();
    }

    /// <summary>The console's level by name, as <see cref="LoggingSettings.Level"/>.</summary>
    public string Current => LoggingSettings.NameOf(Console.MinimumLevel);

    /// <summary>The level at process start, which <see cref="Reset"/> restores.</summary>
    public string AtStart => LoggingSettings.NameOf(_console);

    internal LoggingLevelSwitch Console { get; } = new();

    internal LoggingLevelSwitch Kept { get; } = new();

    /// <summary>The lower of the two, below which no event is created.</summary>
    internal LoggingLevelSwitch Least { get; } = new();

    /// <summary>
    /// The minimum level of the one line per job (<see cref="JobCategory"/>), which libraries write at debug: sinks that store events at info store
    /// these too, so that the log says which process ran a job; the console shows them at debug.
    /// </summary>
    internal LoggingLevelSwitch Jobs { get; } = new();

    /// <summary>MassTransit reports every failed reconnect with a stack; BrokerConnection reports it once, without.</summary>
    internal LoggingLevelSwitch Transport { get; } = new();

    /// <summary>The canonical name of a level.</summary>
    /// <exception cref="Contracts.InvalidConfigurationException">The level is unknown.</exception>
    public static string NameOf(string level) => LoggingSettings.NameOf(LoggingSettings.Parse(level));

    /// <summary>Whether the sinks that store events take this one.</summary>
    internal bool Keeps(LogEvent logEvent) =>
        logEvent.Level >= Kept.MinimumLevel
        || (logEvent.Level >= Jobs.MinimumLevel && logEvent.Properties.TryGetValue(Constants.SourceContextPropertyName, out var source) && source is ScalarValue { Value: JobCategory });

    /// <exception cref="Contracts.InvalidConfigurationException">The level is unknown.</exception>
    public void Set(string level)
    {
        var parsed = LoggingSettings.Parse(level);
        Set(parsed, parsed);
    }

    /// <summary>Restores the levels of the process start.</summary>
    public void Reset() => Set(_console, _kept);

    private void Set(LogEventLevel console, LogEventLevel kept)
    {
        Console.MinimumLevel = console;
        Kept.MinimumLevel = kept;
        Least.MinimumLevel = console < kept ? console : kept;
        Jobs.MinimumLevel = kept <= LogEventLevel.Information ? LogEventLevel.Debug : Least.MinimumLevel;
        Transport.MinimumLevel = console == LogEventLevel.Debug ? LogEventLevel.Debug : LevelAlias.Maximum;
    }
}
