using System.Diagnostics;
using System.Diagnostics.Metrics;
using Broker.Hosting.Execution;
using Broker.Hosting.Running;
using Broker.Telemetry;

namespace Broker.Hosting.Telemetry;

/// <summary>What an operator watches of a consumer. Each count is made where its event is, and costs a look at a flag where nobody listens.</summary>
internal static class JobMetrics
{
    private static readonly Counter<long> Consumed =
        BrokerTelemetry.Meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Jobs that were delivered to this process.");

    // Jobs run longer than most messages: the bounds go on to two hours.
    private static readonly Histogram<double> Processed =
        BrokerTelemetry.CreateSeconds("messaging.process.duration", "From a job's delivery to its confirmed outcome.", 30, 60, 300, 1800, 7200);

    private static readonly Counter<long> CompletedItems = Count("broker.items.completed", "{item}", "Items that succeeded.");

    private static readonly Counter<long> FailedItems = Count("broker.items.failed", "{item}", "Items that failed, by the failure's type.");

    private static readonly Counter<long> DeadLetteredItems = Count("broker.items.dead_lettered", "{item}", "Items that were dead-lettered; a message that cannot be read counts as one.");

    private static readonly Counter<long> RetriedItems = Count("broker.items.retried", "{item}", "Items that failed and are run again later.");

    private static readonly Counter<long> RedeliveredJobs = Count("broker.job.redelivered", "{job}", "Jobs that the broker had delivered before.");

    private static readonly ObservedCounts RunningJobs = new("broker.job.running", "{job}", "Jobs that this process runs, or holds until it is their turn.", BrokerTelemetry.Kind);

    /// <summary>When a job's processing begins; 0 where nobody wants to know.</summary>
    public static long Begin() => Processed.Enabled ? Stopwatch.GetTimestamp() : 0;

    public static void Received(string kind, long earlierDeliveries)
    {
        if (Consumed.Enabled)
            Consumed.Add(1, BrokerTelemetry.Operation("process", BrokerTelemetry.ReceivedFrom(kind)));
        if (earlierDeliveries > 0)
            RedeliveredJobs.Add(1, KindOf(kind));
    }

    public static void Ended(string kind, long begun, string? error)
    {
        if (begun == 0)
            return;
        var tags = BrokerTelemetry.Operation("process", BrokerTelemetry.ReceivedFrom(kind));
        if (error is not null)
            tags.Add(BrokerTelemetry.ErrorType, error);
        Processed.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, tags);
    }

    public static void Answered(string kind, int completed)
    {
        if (completed > 0)
            CompletedItems.Add(completed, KindOf(kind));
    }

    public static void Failed(string kind, string type)
    {
        if (FailedItems.Enabled)
            FailedItems.Add(1, KindOf(kind), new KeyValuePair<string, object?>(BrokerTelemetry.ErrorType, type));
    }

    public static void Retried(string kind, int items)
    {
        if (items > 0)
            RetriedItems.Add(items, KindOf(kind));
    }

    public static void DeadLettered(string kind, int items) => DeadLetteredItems.Add(items, KindOf(kind));

    /// <summary>Shows what runs here, until the result is disposed.</summary>
    public static IDisposable Observe(RunningJobs running, IReadOnlyList<HostedKind> kinds) =>
        RunningJobs.Add(() => kinds.Select(kind => (kind.Kind, (long)running.CountOf(kind.Kind))));

    private static KeyValuePair<string, object?> KindOf(string kind) => new(BrokerTelemetry.Kind, kind);

    private static Counter<long> Count(string name, string unit, string description) => BrokerTelemetry.Meter.CreateCounter<long>(name, unit, description);
}
