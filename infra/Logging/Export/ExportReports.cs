using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;

namespace Broker.Logging.Export;

/// <summary>Hears the exporter's own faults, which it tells nobody else: a collector that is not there is one line at debug, and no more.</summary>
internal sealed class ExportReports : EventListener
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private readonly ILogger _log;
    private int _told;

    public ExportReports(ILogger log) => _log = log;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter)
            EnableEvents(eventSource, EventLevel.Warning);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
            _log.LogDebug("telemetry is not taken by its collector: {Reason}", Reason(eventData));
    }

    /// <summary>The first line of what came last: before it stands the address, which may have a password, and after it a stack.</summary>
    private static string Reason(EventWrittenEventArgs eventData)
    {
        var said = eventData.Payload is [.., { } last] ? $"{last}" : $"{eventData.EventName}";
        return said.Split('\n', 2)[0].TrimEnd();
    }
}
