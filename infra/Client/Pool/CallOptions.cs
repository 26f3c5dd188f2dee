namespace Broker.Pool;

/// <summary>How one job is run that is called or submitted.</summary>
public sealed record CallOptions
{
    /// <summary>How long the job may run before it fails as timed out, counted from its start on a consumer; null for no limit. At most 49 days.</summary>
    public TimeSpan? ItemTimeout { get; init; }

    /// <summary>
    /// How long the whole call may take, counted from the call, before it ends with <see cref="TimeoutException"/>; a job not started by
    /// then is not run. Null for the pool's <see cref="BrokerOptions.DefaultDeadline"/>, <see cref="Timeout.InfiniteTimeSpan"/> for no
    /// limit. At most 49 days.
    /// </summary>
    public TimeSpan? Deadline { get; init; }

    /// <inheritdoc cref="BatchOptions.Attempts"/>
    public int? Attempts { get; init; }

    /// <inheritdoc cref="BatchOptions.RetryDelay"/>
    public TimeSpan? RetryDelay { get; init; }

    /// <inheritdoc cref="BatchOptions.Expires"/>
    public TimeSpan? Expires { get; init; }

    /// <inheritdoc cref="BatchOptions.Priority"/>
    public int? Priority { get; init; }

    /// <inheritdoc cref="BatchOptions.Progress"/>
    public IProgress<JobProgress>? Progress { get; init; }

    internal static BatchOptions ToBatch(CallOptions? options) => new()
    {
        Chunk = 1,
        InFlight = 1,
        ItemTimeout = options?.ItemTimeout,
        Deadline = options?.Deadline,
        Attempts = options?.Attempts,
        RetryDelay = options?.RetryDelay,
        Expires = options?.Expires,
        Priority = options?.Priority,
        Progress = options?.Progress,
    };
}
