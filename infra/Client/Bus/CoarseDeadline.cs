namespace Broker.Bus;

/// <summary>A deadline for thousands of operations a second: all that begin within the same second share one timer, and end up to a second late.</summary>
internal sealed class CoarseDeadline(TimeSpan limit, TimeProvider clock)
{
    private static readonly TimeSpan Shared = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private CancellationToken _current;
    private long _since;

    /// <summary>The token of an operation that begins now: cancelled when the limit has passed.</summary>
    public CancellationToken Begin()
    {
        lock (_lock)
        {
            if (_current.CanBeCanceled && clock.GetElapsedTime(_since) < Shared)
                return _current;
            _since = clock.GetTimestamp();
            // Its timer keeps it until it goes off; after that nothing does.
            return _current = new CancellationTokenSource(limit + Shared, clock).Token;
        }
    }
}
