namespace Broker.Primitives;

/// <summary>Timeouts of waits: null and <see cref="Timeout.InfiniteTimeSpan"/> wait for ever.</summary>
internal static class WaitTime
{
    /// <summary>To be called before anything is awaited, so that a wrong argument is told at the call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or more than <see cref="int.MaxValue"/> milliseconds.</exception>
    public static void Check(TimeSpan? timeout)
    {
        if (timeout is { } time && time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time.TotalMilliseconds > int.MaxValue))
            throw new ArgumentOutOfRangeException(nameof(timeout), time, $"a timeout is at least 0 and at most {int.MaxValue} ms; null or {nameof(Timeout)}.{nameof(Timeout.InfiniteTimeSpan)} waits for ever");
    }

    /// <summary>A token that is cancelled with another, or after the timeout.</summary>
    public static CancellationTokenSource Limit(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout ?? Timeout.InfiniteTimeSpan);
        return limit;
    }
}
