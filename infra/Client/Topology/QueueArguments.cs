namespace Broker.Topology;

/// <summary>
/// The arguments of every queue. All who declare a queue take them from here: RabbitMQ answers 406 to any difference. Whatever depends
/// on the broker's version belongs into a policy, not here.
/// </summary>
internal static class QueueArguments
{
    /// <summary>A backstop far above the six crashes after which a consumer gives a job up: the broker's own dead-lettering tells no caller.</summary>
    private const int DeliveryLimit = 100;

    private const string Classic = "classic";

    private static readonly TimeSpan MaxJobDuration = TimeSpan.FromHours(24);

    /// <summary>How long a client's results wait for a client that is reconnecting.</summary>
    private static readonly TimeSpan ResultsExpiry = TimeSpan.FromHours(1);

    /// <summary>Of a kind's queue, and of the queue of its suspects.</summary>
    public static Dictionary<string, object?> Jobs(string kind) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = Names.DeadExchange,
        ["x-dead-letter-routing-key"] = kind,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
        // Longer than RabbitMQ's 30 minutes; known from 3.12 on, ignored before.
        ["x-consumer-timeout"] = (long)MaxJobDuration.TotalMilliseconds,
    };

    /// <summary>Whoever looks at dead letters takes and returns them, and RabbitMQ 4 drops a message that was returned 20 times, unless it is told another limit.</summary>
    public static Dictionary<string, object?> Dead() => new() { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 1_000_000_000 };

    /// <summary>
    /// Of a lock or semaphore. Up to RabbitMQ 4.2 each use counts as a delivery, and a token above the limit would be dropped. No expiry and no length: a token must never be
    /// removed. A hold may last as long as the consumer timeout, which RabbitMQ before 3.12 takes from its own configuration alone.
    /// </summary>
    public static Dictionary<string, object?> Token() => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = 1_000_000_000_000_000L,
        ["x-consumer-timeout"] = (long)TimeSpan.FromDays(40).TotalMilliseconds,
    };

    public static Dictionary<string, object?> Delay(int level) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-message-ttl"] = (long)DelayLevels.DurationOf(level).TotalMilliseconds,
        ["x-dead-letter-exchange"] = DelayLevels.Next(level),
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    /// <summary>A job that is met later than a day after its cancellation runs. Segments are small because only whole ones are removed.</summary>
    public static Dictionary<string, object?> Cancelled() => new()
    {
        ["x-queue-type"] = "stream",
        ["x-max-age"] = "24h",
        ["x-max-length-bytes"] = 50_000_000L,
        ["x-stream-max-segment-size-bytes"] = 5_000_000L,
    };

    /// <summary>The outcomes of a day, and no more than these on a disk.</summary>
    public static Dictionary<string, object?> Outcomes() => new()
    {
        ["x-queue-type"] = "stream",
        ["x-max-age"] = "24h",
        ["x-max-length-bytes"] = 2_000_000_000L,
        ["x-stream-max-segment-size-bytes"] = 50_000_000L,
    };

    /// <summary>
    /// The operations on primitives. What is older stands in a snapshot; a snapshot comes after some 2 MB, so that the newest is never in a segment that is removed by age.
    /// </summary>
    public static Dictionary<string, object?> Log() => new()
    {
        ["x-queue-type"] = "stream",
        ["x-max-age"] = "7D",
        ["x-stream-max-segment-size-bytes"] = 16_000_000L,
    };

    /// <summary>Items that are returned by whoever received them, or whose receivers die, are delivered again, however often: RabbitMQ 4 drops a message that was returned 20 times, unless it is told another limit.</summary>
    public static Dictionary<string, object?> Items() => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = 2_000_000_000,
        ["x-consumer-timeout"] = (long)MaxJobDuration.TotalMilliseconds,
    };

    /// <summary>An end of a pipe, exclusive to its connection; the type is named because a virtual host may have another default.</summary>
    public static Dictionary<string, object?> Pipe() => new() { ["x-queue-type"] = Classic };

    /// <summary>
    /// Classic: a quorum queue's name becomes an Erlang atom that is never freed, and there is one such queue per client. Durable, so that outcomes
    /// outlast a restart of the broker.
    /// </summary>
    public static Dictionary<string, object?> Results() => new()
    {
        ["x-queue-type"] = Classic,
        ["x-expires"] = (long)ResultsExpiry.TotalMilliseconds,
    };

    /// <summary>Classic: it is read by taking everything and requeueing it, which a quorum queue would count as deliveries. Repeated names pile up until somebody reads.</summary>
    public static Dictionary<string, object?> Kinds() => new() { ["x-queue-type"] = Classic, ["x-max-length"] = 10_000L };

    /// <summary>One per consumer process, exclusive to its connection; the type is named because a virtual host may have another default.</summary>
    public static Dictionary<string, object?> Control() => new() { ["x-queue-type"] = Classic };
}
