using Serilog.Core;
using Serilog.Events;

namespace Broker.Logging;

/// <summary>The levels at which a process logs, which can be changed while it runs. Every sink follows one of the switches.</summary>
public sealed class LogLevels
{
    /// <summary>The category of the one line per job.</summary>
    internal const string JobCategory = "Broker.Jobs";

    private readonly LogEventLevel _console;
    private readonly LogEventLevel _kept;

    /// <param name="console">The console's least level at the start.</param>
    /// <param name="kept">That of whatever keeps events: files, Elasticsearch.</param>
    internal LogLevels(LogEventLevel console, LogEventLevel kept)
    {
        _console = console;
        _kept = kept;
        Reset();
    }

    /// <summary>The console's level by name, as <see cref="LoggingSettings.Level"/>.</summary>
    public string Current => LoggingSettings.NameOf(Console.MinimumLevel);

    /// <summary>What it was when the process started, and is again after <see cref="Reset"/>.</summary>
    public string AtStart => LoggingSettings.NameOf(_console);

    internal LoggingLevelSwitch Console { get; } = new();

    internal LoggingLevelSwitch Kept { get; } = new();

    /// <summary>The lower of the two: what has to be made at all.</summary>
    internal LoggingLevelSwitch Least { get; } = new();

    /// <summary>
    /// The least level of the one line per job (<see cref="JobCategory"/>), which libraries write at debug: whatever keeps events at info keeps
    /// these too, so that it can be asked who ran what; the console shows them at debug.
    /// </summary>
    internal LoggingLevelSwitch Jobs { get; } = new();

    /// <summary>MassTransit reports every failed reconnect with a stack; BrokerConnection says it once, in words.</summary>
    internal LoggingLevelSwitch Transport { get; } = new();

    /// <summary>A level's one name.</summary>
    /// <exception cref="Contracts.InvalidConfigurationException">There is no such level.</exception>
    public static string NameOf(string level) => LoggingSettings.NameOf(LoggingSettings.Parse(level));

    /// <summary>Whether an event is for whatever keeps events.</summary>
    internal bool Keeps(LogEvent logEvent) =>
        logEvent.Level >= Kept.MinimumLevel
        || (logEvent.Level >= Jobs.MinimumLevel && logEvent.Properties.TryGetValue(Constants.SourceContextPropertyName, out var source) && source is ScalarValue { Value: JobCategory });

    /// <exception cref="Contracts.InvalidConfigurationException">There is no such level.</exception>
    public void Set(string level)
    {
        var parsed = LoggingSettings.Parse(level);
        Set(parsed, parsed);
    }

    /// <summary>Back to what the process was started with.</summary>
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
