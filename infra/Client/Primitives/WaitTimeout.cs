using System.Runtime.CompilerServices;

namespace Broker.Primitives;

/// <summary>The rule for the timeouts of all waits.</summary>
internal static class WaitTimeout
{
    /// <summary>Null waits for ever.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, other than <see cref="Timeout.InfiniteTimeSpan"/>, or longer than 24.8 days.</exception>
    public static TimeSpan Of(TimeSpan? timeout, [CallerArgumentExpression(nameof(timeout))] string name = "")
    {
        var wait = timeout ?? Timeout.InfiniteTimeSpan;
        return wait == Timeout.InfiniteTimeSpan || (wait >= TimeSpan.Zero && wait.TotalMilliseconds <= int.MaxValue)
            ? wait
            : throw new ArgumentOutOfRangeException(name, wait, "a timeout is zero or more, at most 24.8 days, or Timeout.InfiniteTimeSpan");
    }

    /// <summary>A token that is cancelled with another, or when the timeout is over.</summary>
    public static CancellationTokenSource Limit(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout ?? Timeout.InfiniteTimeSpan);
        return limit;
    }
}
