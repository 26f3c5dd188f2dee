using System.Diagnostics;
using System.Security.Cryptography;
using Broker.Contracts;
using Broker.Logging.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Broker.Logging.Export;

/// <summary>
/// Sends spans and metrics of this process to a collector by OTLP, and has metrics ready for whoever scrapes them. Nothing of OpenTelemetry is loaded
/// before this is made, so a program makes it only where one of the two is wanted.
/// </summary>
public sealed class TelemetryExport : IDisposable
{
    /// <summary>What the library's activity source and its meter are called.</summary>
    private const string Source = "Broker";

    /// <summary>The runtime's own meter: garbage collection, thread pool, processor time.</summary>
    private const string RuntimeMeter = "System.Runtime";

    /// <summary>What the last spans and metrics may take at the end of the process. A collector that does not answer costs this once.</summary>
    private static readonly TimeSpan LastFlush = TimeSpan.FromSeconds(2);

    private readonly TracerProvider? _traces;
    private readonly ExportReports _reports;

    private TelemetryExport(TracerProvider? traces, MeterProvider? metrics, ExportReports reports)
    {
        _traces = traces;
        _reports = reports;
        Metrics = metrics;
    }

    /// <summary>What a scraper reads from; null where nothing is measured.</summary>
    public MeterProvider? Metrics { get; }

    /// <param name="settings">What goes to a collector.</param>
    /// <param name="process">Who sends; <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c> win.</param>
    /// <param name="log">Told once, at debug, that a collector is not there.</param>
    /// <param name="scrape">Adds an exporter that is asked for metrics; null where nobody asks.</param>
    /// <exception cref="InvalidConfigurationException">A variable names a file that is not there, or cannot be read as what it is.</exception>
    public static TelemetryExport Start(TelemetrySettings settings, ProcessFields process, ILogger log, Action<MeterProviderBuilder>? scrape = null)
    {
        var reports = new ExportReports(log);
        try
        {
            return Build(settings, process, reports, scrape);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IOException or InvalidOperationException or NotSupportedException or CryptographicException)
        {
            reports.Dispose();
            throw new InvalidConfigurationException($"a variable OTEL_* is not usable: {e.Message}", e);
        }
    }

    /// <summary>Sends what is there, for a bounded time: the end of a program does not hang on a collector.</summary>
    public void Dispose()
    {
        // Threads, not tasks: the pool may be full of handlers that block.
        var flushing = new List<Thread> { new(() => _traces?.Dispose()), new(() => Metrics?.Dispose()) };
        var begun = Stopwatch.GetTimestamp();
        foreach (var thread in flushing)
        {
            thread.IsBackground = true;
            thread.Start();
        }

        foreach (var thread in flushing)
        {
            var rest = LastFlush - Stopwatch.GetElapsedTime(begun);
            thread.Join(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        }

        _reports.Dispose();
    }

    private static TelemetryExport Build(TelemetrySettings settings, ProcessFields process, ExportReports reports, Action<MeterProviderBuilder>? scrape)
    {
        var configuration = settings.Configuration;
        TracerProvider? traces = null;
        if (settings.Traces)
        {
            traces = Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(Describe(process))
                .AddSource(Source)
                .AddOtlpExporter()
                .Build();
        }

        MeterProvider? metrics = null;
        if (settings.Metrics || scrape is not null)
        {
            var builder = Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .SetResourceBuilder(Describe(process))
                .AddMeter(Source, RuntimeMeter);
            if (settings.Metrics)
                builder.AddOtlpExporter();
            scrape?.Invoke(builder);
            metrics = builder.Build();
        }

        return new TelemetryExport(traces, metrics, reports);
    }

    private static ResourceBuilder Describe(ProcessFields process) => ResourceBuilder.CreateEmpty()
        .AddTelemetrySdk()
        .AddService(process.ServiceName, serviceVersion: ProcessFields.Version, serviceInstanceId: process.EntityId)
        .AddAttributes([new("host.name", process.Identity.Host), new("process.pid", (long)process.Identity.ProcessId)])
        // Last, for a later one wins.
        .AddEnvironmentVariableDetector();
}
