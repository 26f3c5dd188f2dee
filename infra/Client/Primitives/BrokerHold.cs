using Broker.Primitives.Tokens;

namespace Broker.Primitives;

/// <summary>
/// A lock or permit that is held until it is disposed of, or lost. Not promised: that nobody else has it. A process that is paused, or cut off without noticing, goes on although the broker has given
/// it to another; its <see cref="LostToken"/> comes when it notices. Where that matters, whatever is written to should refuse a <see cref="Fence"/> smaller than one it has seen; this
/// library's own values and collections do, when they are given the hold.
/// A hold that is never disposed of ends with its process or connection. It lasts 40 days at most; on RabbitMQ before 3.12 as long as its <c>consumer_timeout</c>, which is 30 minutes by default.
/// </summary>
public sealed class BrokerHold : IAsyncDisposable
{
    private readonly TokenHold _hold;
    private readonly Func<ValueTask> _releaseAsync;
    private readonly Func<string?> _lostReason;
    private int _disposed;

    internal BrokerHold(TokenHold hold)
        : this(hold, hold.ReleaseAsync, () => hold.LostReason, hold.LostToken)
    {
    }

    internal BrokerHold(TokenHold hold, Func<ValueTask> releaseAsync, Func<string?> lostReason, CancellationToken lostToken) =>
        (_hold, _releaseAsync, _lostReason, LostToken) = (hold, releaseAsync, lostReason, lostToken);

    /// <summary>
    /// The fencing token: larger than that of every earlier hold of the same lock, or of the same permit of a semaphore. Assigned by the broker with the hold.
    /// </summary>
    public long Fence => _hold.Fence;

    /// <summary>Which permit of a semaphore it is, from 0; 0 for a lock.</summary>
    public int Permit => _hold.Permit;

    /// <summary>
    /// Cancelled when the hold is lost: its connection or queue is gone, the broker was silent for about 5 seconds, or somebody has broken the lock. Not cancelled by disposal.
    /// </summary>
    public CancellationToken LostToken { get; }

    /// <summary>Why it was lost; null while it is not.</summary>
    public string? LostReason => _lostReason();

    /// <summary>Releases it, once. Another's hold is never released. Does not throw; where the broker does not answer it takes some seconds, and the end of the connection releases it.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _disposed, 1) == 0 ? _releaseAsync() : ValueTask.CompletedTask;
}
