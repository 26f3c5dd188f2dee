using System.Diagnostics;
using System.Diagnostics.Metrics;
using Broker.Topology;

namespace Broker.Telemetry;

/// <summary>
/// The activity source and the meter that a program names to see spans and metrics of this library: both are <see cref="Name"/>. Names and units are those
/// of OpenTelemetry's messaging conventions; what they do not have is called <c>broker.*</c>. The library needs no OpenTelemetry package for it.
/// </summary>
internal static class BrokerTelemetry
{
    public const string Name = "Broker";

    /// <summary>Tag of whatever concerns one kind.</summary>
    public const string Kind = "broker.kind";

    public const string ErrorType = "error.type";

    public static readonly ActivitySource Source = new(Name, BrokerVersion.Text);

    /// <summary>Never disposed: its instruments are static, and a pool or consumer that ends leaves nothing in them.</summary>
    public static readonly Meter Meter = new(Name, BrokerVersion.Text);

    /// <summary>Bounds in seconds, as the conventions advise.</summary>
    public static readonly IReadOnlyList<double> Seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    public static Histogram<double> CreateSeconds(string name, string description, params IEnumerable<double> beyond) =>
        Meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [.. Seconds, .. beyond] });

    /// <summary>What every span and measurement of a messaging operation carries.</summary>
    public static TagList Operation(string operation, string destination) => new()
    {
        { "messaging.system", "rabbitmq" },
        { "messaging.operation.name", operation },
        { "messaging.operation.type", operation },
        { "messaging.destination.name", destination },
    };

    /// <summary>A destination as a sender knows it: by the convention for RabbitMQ, exchange and routing key.</summary>
    public static string SentTo(string kind) => $"{Names.JobsExchange}:{kind}";

    /// <summary>A destination as a receiver knows it: exchange, routing key and queue.</summary>
    public static string ReceivedFrom(string kind) => $"{Names.JobsExchange}:{kind}:{Names.JobsQueue(kind)}";
}
