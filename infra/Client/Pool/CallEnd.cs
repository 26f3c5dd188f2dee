using System.Diagnostics;

namespace Broker.Pool;

/// <summary>Whatever may end a call before its time: its deadline, its caller, and its pool's disposal. Says afterwards which it was.</summary>
internal sealed class CallEnd : IDisposable
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly TimeSpan? _deadline;
    private readonly TimeSpan _brokerTimeout;
    private readonly CancellationToken _caller;
    private readonly CancellationToken _closed;
    private readonly CancellationTokenSource _timer = new();
    private readonly CancellationTokenSource _any;

    /// <param name="deadline">How long the call may take; null for no limit.</param>
    /// <param name="brokerTimeout">How long a call without a deadline waits for a broker that is away.</param>
    /// <param name="closed">Fires when the pool is disposed.</param>
    /// <param name="caller">The caller's token.</param>
    public CallEnd(TimeSpan? deadline, TimeSpan brokerTimeout, CancellationToken closed, CancellationToken caller)
    {
        (_deadline, _closed, _caller) = (deadline, closed, caller);
        _brokerTimeout = deadline is null ? brokerTimeout : Timeout.InfiniteTimeSpan;
        ExpiresAt = DateTimeOffset.UtcNow + deadline;
        _any = CancellationTokenSource.CreateLinkedTokenSource(caller, closed, _timer.Token);
        if (deadline is { } limit)
            _timer.CancelAfter(limit);
    }

    public CancellationToken Token => _any.Token;

    /// <summary>When the deadline passes; null where there is none.</summary>
    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>How long one message is sent again while the broker is away.</summary>
    public TimeSpan SendTimeout => _brokerTimeout;

    /// <summary>How long the call still waits for a broker that is away.</summary>
    public TimeSpan RemainingTimeout
    {
        get
        {
            if (_brokerTimeout == Timeout.InfiniteTimeSpan)
                return _brokerTimeout;
            var left = _brokerTimeout - Stopwatch.GetElapsedTime(_started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>The call is over: whatever still works for it stops.</summary>
    public Task StopAsync() => _any.CancelAsync();

    /// <summary>Waits for the next of a call's outcomes.</summary>
    /// <param name="outcomes">Ends with <see cref="Token"/>.</param>
    /// <param name="answered">How many items are answered, for the deadline's message.</param>
    public async ValueTask<bool> NextAsync<T>(IAsyncEnumerator<T> outcomes, Func<long> answered)
    {
        try
        {
            return await outcomes.MoveNextAsync();
        }
        catch (OperationCanceledException e) when (Token.IsCancellationRequested)
        {
            throw Reason(e, $"with {answered()} items answered");
        }
    }

    /// <summary>What the caller is told where waiting was ended by <paramref name="cancelled"/>.</summary>
    /// <param name="cancelled">What was caught.</param>
    /// <param name="state">What had been reached, for the deadline's message.</param>
    public Exception Reason(OperationCanceledException cancelled, string state) => this switch
    {
        _ when _closed.IsCancellationRequested => new ObjectDisposedException(nameof(JobPool), cancelled),
        _ when _caller.IsCancellationRequested => new OperationCanceledException(cancelled.Message, cancelled, _caller),
        _ when _timer.IsCancellationRequested => new TimeoutException($"the deadline of {_deadline!.Value.TotalSeconds:0.###} s passed {state}", cancelled),
        _ => cancelled,
    };

    public void Dispose()
    {
        _any.Dispose();
        _timer.Dispose();
    }
}
