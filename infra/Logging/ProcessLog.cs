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

    private ProcessLog(Logger logger, string? folder, LogLevels levels)
    {
        _logger = logger;
        Levels = levels;
        Folder = folder;
        Factory = new SerilogLoggerFactory(logger);
    }

    /// <summary>For everything that logs through Microsoft's interfaces.</summary>
    public ILoggerFactory Factory { get; }

    /// <summary>What is logged now.</summary>
    public LogLevels Levels { get; }

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
        var levels = new LogLevels(LoggingSettings.Parse(consoleLevel ?? settings.Level), kept: LoggingSettings.Parse(settings.Level));
        var configuration = new LoggerConfiguration()
            .MinimumLevel.ControlledBy(levels.Least)
            .MinimumLevel.Override("MassTransit", levels.Transport)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .WriteTo.Sink(
                new ConsoleSink(settings.Json ? new EcsFormatter(process) : new PlainFormatter(process.Identity.ProcessId, colour), console ?? ConsoleQueue.ToStandardError()),
                levelSwitch: levels.Console);
        var folder = LogFolder.Prepare(settings.Directory);
        if (folder is not null)
        {
            configuration.WriteTo.File(
                new EcsFormatter(process),
                Path.Combine(folder, $"{process.ServiceName}-{process.Identity.Host}-{process.Identity.ProcessId}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss}.ndjson"),
                levelSwitch: levels.Kept,
                fileSizeLimitBytes: settings.FileBytes,
                rollOnFileSizeLimit: true,
                retainedFileCountLimit: KeptFilesOfOneProcess,
                buffered: true,
                flushToDiskInterval: TimeSpan.FromSeconds(1));
        }

        return new ProcessLog(configuration.CreateLogger(), folder, levels);
    }

    public void Dispose()
    {
        Factory.Dispose();
        _logger.Dispose();
    }
}
