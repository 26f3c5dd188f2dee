using System.Diagnostics;
using System.Diagnostics.Metrics;
using Broker.Topology;

namespace Broker.Telemetry;

/// <summary>What is measured of sending and of connections. Without a listener a send costs one look at a flag.</summary>
internal static class ClientMetrics
{
    private static readonly Counter<long> SentMessages =
        BrokerTelemetry.Meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Messages that were sent to the broker, again after an unknown fate included.");

    private static readonly Histogram<double> Operations =
        BrokerTelemetry.CreateSeconds("messaging.client.operation.duration", "From a send to the broker's confirmation.");

    private static readonly ObservedCounts Connections = new(
        "broker.connections", "{connection}", "Connections to the broker: `open`, or `lost` while they are made again.", "broker.connection.state");

    /// <summary>When a send begins; 0 where nobody wants to know.</summary>
    public static long Begin() => SentMessages.Enabled || Operations.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <param name="begun">By <see cref="Begin"/>.</param>
    /// <param name="error">Why it was not confirmed; null where it was.</param>
    public static void Sent(string exchange, string routingKey, long begun, string? error)
    {
        if (begun == 0)
            return;
        // A routing key of results is a client's id: as many values as there are clients.
        var perKind = exchange is Names.JobsExchange or Names.DeadExchange;
        var tags = BrokerTelemetry.Operation("send", perKind ? $"{exchange}:{routingKey}" : exchange);
        if (error is not null)
            tags.Add(BrokerTelemetry.ErrorType, error);
        Operations.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, tags);
        SentMessages.Add(1, tags);
    }

    /// <summary>Counts a connection until the result is disposed.</summary>
    public static IDisposable Connected(Func<bool> isOpen) => Connections.Add(() => [(isOpen() ? "open" : "lost", 1)]);
}
