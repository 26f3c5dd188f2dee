using Broker.Connection;
using Broker.Primitives.Tokens;

namespace Broker.Primitives;

/// <summary>
/// A lock that its owner may acquire again: it is free when it was released as often. The owner is an asynchronous flow, that is a method with all that it calls, and what it starts while it holds the
/// lock. It is of the same name as the <see cref="BrokerLock"/>: each excludes the other. What is not promised there is not promised here.
/// </summary>
public sealed class BrokerReentrantLock
{
    private readonly BrokerLock _lock;

    // Set by methods that are not async: what an async method sets is gone when it returns.
    private readonly AsyncLocal<Flow?> _flow = new();

    internal BrokerReentrantLock(TokenKernel kernel, string name) => _lock = new BrokerLock(kernel, name);

    public string Name => _lock.Name;

    /// <summary>Waits for the lock, unless this flow holds it. A flow that has lost it meanwhile gets a hold that is lost too.</summary>
    /// <returns>Disposal releases once.</returns>
    /// <exception cref="TimeoutException">It was not free in time.</exception>
    /// <inheritdoc cref="BrokerSemaphore.AcquireAsync(TimeSpan?, CancellationToken)"/>
    public Task<BrokerHold> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var wait = WaitTimeout.Of(timeout);
        var flow = EnterFlow();
        return AcquireAsync();

        async Task<BrokerHold> AcquireAsync() => await TakeAsync(flow, wait, cancellationToken) ?? throw new TimeoutException($"lock '{Name}' was not free within {wait}");
    }

    /// <summary>Takes the lock if it is free in time, or held by this flow.</summary>
    /// <returns>Disposal releases once; null if it was not.</returns>
    /// <inheritdoc cref="BrokerSemaphore.TryAcquireAsync(TimeSpan, CancellationToken)"/>
    public Task<BrokerHold?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        var wait = WaitTimeout.Of(timeout);
        return TakeAsync(EnterFlow(), wait, cancellationToken);
    }

    /// <summary>Releases once what this flow holds, as disposing of a hold does. Use one or the other.</summary>
    /// <exception cref="SynchronizationLockException">This flow does not hold it.</exception>
    public ValueTask ReleaseAsync() =>
        _flow.Value is { } flow && flow.TryLeave(out var last)
            ? last?.ReleaseAsync() ?? ValueTask.CompletedTask
            : throw new SynchronizationLockException($"lock '{Name}' is not held by this asynchronous flow");

    /// <inheritdoc cref="BrokerLock.GetStatusAsync"/>
    public Task<BrokerPermitStatus> GetStatusAsync(CancellationToken cancellationToken = default) => _lock.GetStatusAsync(cancellationToken);

    /// <inheritdoc cref="BrokerLock.BreakAsync"/>
    public Task<bool> BreakAsync(CancellationToken cancellationToken = default) => _lock.BreakAsync(cancellationToken);

    /// <summary>That which holds the lock, or a new one: flows that were started from one whose hold has ended have nothing in common.</summary>
    private Flow EnterFlow() => _flow.Value is { IsHolding: true } flow ? flow : _flow.Value = new Flow();

    private async Task<BrokerHold?> TakeAsync(Flow flow, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var hold = flow.TryEnterAgain();
        if (hold is null)
        {
            hold = await _lock.TakeAsync(timeout, cancellationToken);
            if (hold is null)
                return null;
            flow.Enter(hold);
        }

        return new BrokerHold(hold, () => flow.TryLeave(out var last) && last is not null ? last.ReleaseAsync() : ValueTask.CompletedTask, () => hold.LostReason, hold.LostToken);
    }

    /// <summary>What a flow holds, and how often.</summary>
    private sealed class Flow
    {
        private readonly Lock _lock = new();
        private TokenHold? _hold;
        private int _count;

        public bool IsHolding
        {
            get
            {
                lock (_lock)
                    return _count > 0;
            }
        }

        public void Enter(TokenHold hold)
        {
            lock (_lock)
                (_hold, _count) = (hold, 1);
        }

        public TokenHold? TryEnterAgain()
        {
            lock (_lock)
            {
                if (_count == 0)
                    return null;
                _count++;
                return _hold;
            }
        }

        /// <param name="last">What is to be released; null if it is held on.</param>
        public bool TryLeave(out TokenHold? last)
        {
            lock (_lock)
            {
                last = _count == 1 ? _hold : null;
                if (_count == 0)
                    return false;
                _count--;
                return true;
            }
        }
    }
}
