namespace Broker.Primitives.Tokens;

/// <summary>How long a caller waits. The timeout is for the wait in line; the first look, which may have to connect and to seed, has a limit of its own where that is longer.</summary>
internal sealed class TokenWait : IDisposable
{
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _end;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;
    private readonly long _began;

    public TokenWait(TimeSpan timeout, TimeSpan firstLook, TimeProvider clock, CancellationToken cancellationToken)
    {
        (_timeout, _clock, _began) = (timeout, clock, clock.GetTimestamp());
        _limit = new CancellationTokenSource(timeout == Timeout.InfiniteTimeSpan || timeout > firstLook ? timeout : firstLook, clock);
        _end = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, cancellationToken);
    }

    /// <summary>Cancelled when the wait is over, or the caller ends it.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Whether the time is over.</summary>
    public bool IsOver => _limit.IsCancellationRequested;

    /// <summary>Whether the broker has said that the permit is not free.</summary>
    public bool HasLooked { get; private set; }

    public bool LooksOnce => _timeout == TimeSpan.Zero;

    /// <summary>After a look that found nothing: whether there is time to wait.</summary>
    public bool MayGoOn()
    {
        HasLooked = true;
        if (_timeout == Timeout.InfiniteTimeSpan)
            return true;
        var remaining = _timeout - _clock.GetElapsedTime(_began);
        if (remaining <= TimeSpan.Zero)
            return false;
        _limit.CancelAfter(remaining);
        return true;
    }

    public void Dispose()
    {
        _end.Dispose();
        _limit.Dispose();
    }
}
