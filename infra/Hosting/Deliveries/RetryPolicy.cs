using System.Runtime.InteropServices;
using Broker.Contracts;

namespace Broker.Hosting.Deliveries;

/// <summary>What becomes of an item that failed.</summary>
internal enum RetryDecision
{
    /// <summary>Run it again later.</summary>
    Retry,

    /// <summary>Neither: nobody wants it any more.</summary>
    Drop,

    /// <summary>Another attempt cannot help: dead-letter it now.</summary>
    DeadLetterAsFinal,

    /// <summary>That was its last attempt: dead-letter it.</summary>
    DeadLetterAsLast,

    /// <summary>Its deadline passes before it could be run again: dead-letter it, rather than let its caller wait for that.</summary>
    DeadLetterAsExpiring,
}

/// <summary>What is known of an item that failed.</summary>
/// <param name="Cancelled">Whether it ended because its job was cancelled.</param>
/// <param name="Retryable">Whether another attempt could help.</param>
/// <param name="Attempt">Which attempt failed, from 1 on.</param>
/// <param name="MaxAttempts">How many it has.</param>
/// <param name="Asked">When its handler wants another; null where it said nothing of that.</param>
/// <param name="FirstDelay">The longest delay before the second attempt; null for the default.</param>
/// <param name="Jitter">A random number from 0 to 1.</param>
/// <param name="ExpiresIn">How long it may still be started; null for ever.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RetryFacts(bool Cancelled, bool Retryable, int Attempt, int MaxAttempts, TimeSpan? Asked, TimeSpan? FirstDelay, double Jitter, TimeSpan? ExpiresIn);

/// <param name="Decision">What to do.</param>
/// <param name="Delay">For <see cref="RetryDecision.Retry"/>: after how many whole seconds.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RetryVerdict(RetryDecision Decision, TimeSpan Delay = default);

/// <summary>
/// Decides what becomes of an item that failed, from facts alone. The delay is exponential with full jitter, that is, random between nothing and the exponential
/// one (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
/// </summary>
internal static class RetryPolicy
{
    public static readonly TimeSpan DefaultFirstDelay = TimeSpan.FromSeconds(1);

    /// <summary>The exponential delay grows up to this.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(10);

    public static RetryVerdict Decide(in RetryFacts facts)
    {
        if (facts.Cancelled)
            return new(RetryDecision.Drop);
        if (!facts.Retryable)
            return new(RetryDecision.DeadLetterAsFinal);
        if (facts.Attempt >= facts.MaxAttempts)
            return new(RetryDecision.DeadLetterAsLast);
        var delay = WholeSeconds(facts.Asked ?? facts.Jitter * Exponential(facts));
        return delay > facts.ExpiresIn ? new(RetryDecision.DeadLetterAsExpiring) : new(RetryDecision.Retry, delay);
    }

    private static TimeSpan Exponential(in RetryFacts facts)
    {
        var first = facts.FirstDelay ?? DefaultFirstDelay;
        var longest = Math.Max(first.TotalSeconds, MaxDelay.TotalSeconds);
        return TimeSpan.FromSeconds(Math.Min(first.TotalSeconds * Math.Pow(2, facts.Attempt - 1), longest));
    }

    private static TimeSpan WholeSeconds(TimeSpan delay) =>
        TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(delay.TotalSeconds), 1, RetryAfterException.MaxDelay.TotalSeconds));
}
