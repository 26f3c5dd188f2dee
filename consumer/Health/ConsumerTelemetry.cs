using Broker.Logging;
using Broker.Logging.Events;
using Broker.Logging.Export;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Broker.Consumer.Health;

/// <summary>Starts what exports telemetry. A type of its own: naming the exporter in the program's entry would load it in every process.</summary>
internal static class ConsumerTelemetry
{
    /// <param name="scraped">Whether <c>/metrics</c> is answered.</param>
    public static TelemetryExport Start(TelemetrySettings settings, ProcessFields process, ILogger log, bool scraped) =>
        TelemetryExport.Start(settings, process, log, scraped ? static builder => builder.AddPrometheusExporter() : null);
}
