using System.Diagnostics.Metrics;
using Broker.Telemetry;

namespace Broker.Consumer.Supervision;

/// <summary>What a supervisor measures: its children, whose jobs it does not see.</summary>
internal static class SupervisorMetrics
{
    private static readonly Counter<long> Crashes = BrokerTelemetry.Meter.CreateCounter<long>("broker.children.crashed", "{process}", "Child processes that ended unasked; each is started again.");

    private static readonly ObservedCounts Children = new("broker.children", "{process}", "Child processes: `ready`, or `starting` when jobs do not reach them.", "broker.child.state");

    public static void Crashed() => Crashes.Add(1);

    public static IDisposable Observe(Func<(int Ready, int Others)> count) => Children.Add(() =>
    {
        var (ready, others) = count();
        return [("ready", ready), ("starting", others)];
    });
}
