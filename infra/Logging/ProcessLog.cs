using Broker.Logging.Elasticsearch;
using Broker.Logging.Events;
using Broker.Logging.Screen;
using Broker.Logging.Settings;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Broker.Logging;

/// <summary>The log of this process: the console on stderr, Elasticsearch or ECS files, and the sinks of Serilog's own section. Created once per program, disposed last.</summary>
public sealed class ProcessLog : IDisposable
{
    private const int KeptFilesPerProcess = 4;

    private readonly Logger _logger;

    private ProcessLog(Logger logger, LogLevels levels, params string?[] destinations)
    {
        _logger = logger;
        Levels = levels;
        Destinations = [.. destinations.OfType<string>()];
        Factory = new SerilogLoggerFactory(logger);
    }

    /// <summary>For code that uses Microsoft.Extensions.Logging.</summary>
    public ILoggerFactory Factory { get; }

    /// <summary>The current levels.</summary>
    public LogLevels Levels { get; }

    /// <summary>The destinations besides the console, without credentials: a folder, Elasticsearch's nodes.</summary>
    public IReadOnlyList<string> Destinations { get; }

    /// <param name="settings">Level, format and destinations.</param>
    /// <param name="process">The process that logs.</param>
    /// <param name="colour">Whether the console supports colours.</param>
    /// <param name="consoleLevel">The console's minimum level, if it differs from that of the files.</param>
    /// <param name="console">Takes the console's lines and is disposed with this log; null is stderr.</param>
    /// <exception cref="Contracts.InvalidConfigurationException">A setting breaks its rule.</exception>
    public static ProcessLog Open(LoggingSettings settings, ProcessFields process, bool colour, string? consoleLevel = null, ConsoleQueue? console = null)
    {
        var levels = new LogLevels(LoggingSettings.Parse(consoleLevel ?? settings.Level), kept: LoggingSettings.Parse(settings.Level));
        console ??= ConsoleQueue.ToStandardError();
        var configuration = new LoggerConfiguration();
        // Before the console: sinks are disposed in this order, and this one may write to the console when it is.
        AddElasticsearch(configuration, settings, process, levels, console);
        configuration
            .Enrich.With(new EventStamp())
            .MinimumLevel.ControlledBy(levels.Least)
            .MinimumLevel.Override(LogLevels.JobCategory, levels.Jobs)
            .MinimumLevel.Override("MassTransit", levels.Transport)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo.Sink(
                new ConsoleSink(settings.Json ? new EcsFormatter(process) : new PlainFormatter(process.Identity.ProcessId, colour), console),
                levelSwitch: levels.Console);
        SerilogSection.Apply(settings, configuration);
        var folder = LogFolder.Prepare(settings.Directory ?? (settings.Elasticsearch is null ? LoggingSettings.DefaultDirectory : "none"));
        if (folder is not null)
        {
            configuration.WriteTo.Conditional(levels.Keeps, kept => kept.File(
                new EcsFormatter(process),
                Path.Combine(folder, $"{process.ServiceName}-{process.Identity.Host}-{process.Identity.ProcessId}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss}.ndjson"),
                fileSizeLimitBytes: settings.FileBytes,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: KeptFilesPerProcess,
                buffered: true,
                flushToDiskInterval: TimeSpan.FromSeconds(1)));
        }

        return new ProcessLog(configuration.CreateLogger(), levels, folder, settings.Elasticsearch is { } server ? $"Elasticsearch at {server}" : null);
    }

    private static void AddElasticsearch(LoggerConfiguration configuration, LoggingSettings settings, ProcessFields process, LogLevels levels, ConsoleQueue console)
    {
        // If the Serilog section has the sink, it is created from there.
        if (settings.Elasticsearch is not { } connection || ElasticsearchArguments.EntryIn(settings.Serilog) is not null)
            return;
        var options = SerilogSection.Options(settings, connection) with { Notice = text => console.Add(new ConsoleLine(DateTimeOffset.Now, text + Environment.NewLine)) };
        configuration.WriteTo.Conditional(levels.Keeps, kept => kept.Elasticsearch(options, process));
    }

    public void Dispose()
    {
        Factory.Dispose();
        _logger.Dispose();
    }
}
