namespace Broker.Pool;

/// <summary>How the items of one map, stream or publish are run. The defaults fit most calls.</summary>
public sealed record BatchOptions
{
    internal const string LimitRule = "a time limit is longer than zero and at most 49 days";

    /// <summary>RabbitMQ 4.3.6 takes 0 for none, which is as 4.</summary>
    internal const int MinPriority = 1;

    internal const int MaxPriority = 31;

    /// <summary>No timer of the runtime runs longer than 49.7 days.</summary>
    internal static readonly TimeSpan MaxLimit = TimeSpan.FromDays(49);

    /// <summary>
    /// Items per message, 1 to 100 000. Null learns it from the first outcomes, aiming at 50 ms of work per message; for a publish, which
    /// sees no outcomes, null is 1.
    /// </summary>
    public int? Chunk { get; init; }

    /// <summary>
    /// The most jobs sent and not yet answered, those that wait to be tried again among them, 1 to 1 000 000; for a publish, sent and not yet confirmed. Null keeps about two seconds of
    /// the fleet's work in flight; for a publish, null is 1000.
    /// </summary>
    public int? InFlight { get; init; }

    /// <summary>How long one item may run before it fails as timed out; null for no limit. At most 49 days.</summary>
    public TimeSpan? ItemTimeout { get; init; }

    /// <summary>
    /// How long the whole call may take before it ends with <see cref="TimeoutException"/>; jobs not started by then are not run. Null for
    /// the pool's <see cref="BrokerOptions.DefaultDeadline"/> (for a publish: no limit), <see cref="Timeout.InfiniteTimeSpan"/> for no
    /// limit. At most 49 days.
    /// </summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How often an item that fails is run at most, 1 to 100. Null for 3.</summary>
    public int? Attempts { get; init; }

    /// <summary>
    /// The longest time from an item's first failure to its second attempt, doubled for each further attempt, up to ten minutes. The time taken is random
    /// between nothing and that, so that what failed together does not come back together, in whole seconds, at least one. Null for one second; at most 49 days.
    /// </summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>How long after the call began its jobs may still be started; later they fail as expired. Null for no limit but <see cref="Deadline"/>. At most 49 days.</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>
    /// From 1 to 31: which jobs of a kind RabbitMQ delivers first, among those that no consumer has yet. RabbitMQ 4.3 delivers all of a higher number before those of a lower, which wait as long as
    /// higher ones come; 4.0 to 4.2 know two classes, 1 to 4 and 5 to 31, and deliver two of the upper for each of the lower; older ones know none, which is logged, and jobs run in the order they
    /// came. A job keeps it over retries, and as a dead letter. Null is as 4.
    /// </summary>
    public int? Priority { get; init; }

    /// <summary>
    /// Is told how far the items are that run, as far as their handlers say: what is new about twice a second, from any thread, one call at a time, nothing of an item that has its outcome. It has to
    /// return soon: the call's outcomes wait for it. Null for nothing, which costs nothing. Not used where no outcomes are waited for.
    /// </summary>
    public IProgress<JobProgress>? Progress { get; init; }

    /// <summary>How many items there will be, where that is known: then a short batch is spread over all consumers.</summary>
    internal long? ExpectedItems { get; init; }

    /// <summary>What the caller steers while the call runs; null for nothing.</summary>
    internal BatchSteering? Steering { get; init; }

    /// <summary>The options with the deadline that applies: null for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range; names it.</exception>
    internal BatchOptions Validated(TimeSpan? defaultDeadline)
    {
        if (Chunk is < 1 or > 100_000)
            throw new ArgumentOutOfRangeException(nameof(Chunk), Chunk, "a chunk holds 1 to 100000 items");
        if (InFlight is < 1 or > 1_000_000)
            throw new ArgumentOutOfRangeException(nameof(InFlight), InFlight, "1 to 1000000 jobs can be in flight");
        if (Attempts is < 1 or > 100)
            throw new ArgumentOutOfRangeException(nameof(Attempts), Attempts, "an item is run 1 to 100 times at most");
        if (Priority is < MinPriority or > MaxPriority)
            throw new ArgumentOutOfRangeException(nameof(Priority), Priority, $"a priority is a number from {MinPriority} to {MaxPriority}");
        foreach (var (limit, name) in new[] { (ItemTimeout, nameof(ItemTimeout)), (RetryDelay, nameof(RetryDelay)), (Expires, nameof(Expires)) })
        {
            if (limit is { } time && !IsLimit(time))
                throw new ArgumentOutOfRangeException(name, limit, LimitRule);
        }

        if (Deadline == Timeout.InfiniteTimeSpan)
            return this with { Deadline = null };
        if (Deadline is { } deadline && !IsLimit(deadline))
            throw new ArgumentOutOfRangeException(nameof(Deadline), Deadline, LimitRule);
        return this with { Deadline = Deadline ?? defaultDeadline };
    }

    internal static bool IsLimit(TimeSpan limit) => limit > TimeSpan.Zero && limit <= MaxLimit;
}
