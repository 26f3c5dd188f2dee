namespace Broker.Contracts;

/// <summary>Raised by a handler that knows when another attempt makes sense, for instance what a server said in <c>Retry-After</c>. It counts as an attempt.</summary>
public sealed class RetryAfterException : BrokerException
{
    /// <summary>As long as a delay may be: 28 bits of seconds, eight and a half years.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds((1 << 28) - 1);

    public RetryAfterException()
        : this(TimeSpan.FromSeconds(1))
    {
    }

    public RetryAfterException(string message)
        : base(message) => Delay = TimeSpan.FromSeconds(1);

    public RetryAfterException(string message, Exception innerException)
        : base(message, innerException) => Delay = TimeSpan.FromSeconds(1);

    /// <param name="delay">Time to the next attempt, rounded up to whole seconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not longer than zero, or longer than <see cref="MaxDelay"/>.</exception>
    public RetryAfterException(TimeSpan delay)
        : this(delay, $"to be tried again after {delay}")
    {
    }

    /// <param name="delay">Time to the next attempt, rounded up to whole seconds.</param>
    /// <param name="message">What went wrong.</param>
    /// <param name="innerException">Why.</param>
    /// <exception cref="ArgumentOutOfRangeException">The delay is not longer than zero, or longer than <see cref="MaxDelay"/>.</exception>
    public RetryAfterException(TimeSpan delay, string message, Exception? innerException = null)
        : base(message, innerException!)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, MaxDelay);
        Delay = delay;
    }

    /// <summary>Time to the next attempt.</summary>
    public TimeSpan Delay { get; }
}
