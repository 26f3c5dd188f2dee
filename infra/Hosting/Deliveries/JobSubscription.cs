using Broker.Bus;
using Broker.Hosting.Execution;
using Broker.Topology;

namespace Broker.Hosting.Deliveries;

/// <summary>How a process takes jobs of a kind.</summary>
internal static class JobSubscription
{
    public static Subscription Of(HostedKind kind, Func<Delivery, Task> handleAsync) => new(
        Names.JobsQueue(kind.Kind),
        Names.JobsExchange,
        "direct",
        kind.Kind,
        QueueArguments.Jobs(kind.Kind),
        // The prefetch limit is the semaphore: the broker never lets this process hold more of the kind.
        (ushort)kind.Concurrency,
        handleAsync);
}
