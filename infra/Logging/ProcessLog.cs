using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Broker.Logging;

/// <summary>The log of this process: the console on stderr, and ECS files. Made once by a program, disposed last.</summary>
public sealed class ProcessLog : IDisposable
{
    private const int KeptFilesOfOneProcess = 4;

    private readonly Logger _logger;

    private ProcessLog(Logger logger, string? folder)
    {
        _logger = logger;
        Folder = folder;
        Factory = new SerilogLoggerFactory(logger);
    }

    /// <summary>For everything that logs through Microsoft's interfaces.</summary>
    public ILoggerFactory Factory { get; }

    /// <summary>Where the files are; null when there are none.</summary>
    public string? Folder { get; }

    /// <param name="settings">Level, format and folder.</param>
    /// <param name="process">Who writes.</param>
    /// <param name="colour">Whether the console takes colours.</param>
    /// <param name="consoleLevel">The console's least level, where it differs from that of the files.</param>
    /// <param name="console">Takes the console's lines, and ends with this log; null is stderr.</param>
    /// <exception cref="Configuration.InvalidConfigurationException">A setting breaks its rule.</exception>
    public static ProcessLog Open(LoggingSettings settings, ProcessFields process, bool colour, string? consoleLevel = null, ConsoleQueue? console = null)
    {
        var fileLevel = LoggingSettings.Parse(settings.Level);
        var level = LoggingSettings.Parse(consoleLevel ?? settings.Level);
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(level < fileLevel ? level : fileLevel)
            // The transport reports every failed reconnect with a stack; BrokerConnection says it once, in words.
            .MinimumLevel.Override("MassTransit", level == LogEventLevel.Debug ? LogEventLevel.Debug : LevelAlias.Maximum)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo.Sink(
                new ConsoleSink(settings.Json ? new EcsFormatter(process) : new PlainFormatter(process.Identity.ProcessId, colour), console ?? ConsoleQueue.ToStandardError()),
                restrictedToMinimumLevel: level);
        var folder = LogFolder.Prepare(settings.Directory);
        if (folder is not null)
        {
            configuration.WriteTo.File(
                new EcsFormatter(process),
                Path.Combine(folder, $"{process.ServiceName}-{process.Identity.Host}-{process.Identity.ProcessId}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss}.ndjson"),
                restrictedToMinimumLevel: fileLevel,
                fileSizeLimitBytes: settings.FileBytes,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: KeptFilesOfOneProcess,
                buffered: true,
                flushToDiskInterval: TimeSpan.FromSeconds(1));
        }

        return new ProcessLog(configuration.CreateLogger(), folder);
    }

    public void Dispose()
    {
        Factory.Dispose();
        _logger.Dispose();
    }
}
