using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>
/// Lets the holders of a lock wait for each other: whoever is inside the lock waits until another, inside it too, notifies. The wait is registered before the lock is released, so no notification
/// between is lost. The number of the lock's hold goes with waits and notifications: those of a holder that was paused and has lost the lock change nothing.
/// <para>Not promised: that a notification reaches a waiter that lives. It goes to those who wait longest; one of them that has died, or whose wait was cancelled at the same time, takes it with it. A wait
/// may end without one after 7 days without any; as with every condition, whoever wakes looks again at what it waits for.</para>
/// </summary>
public sealed class BrokerCondition
{
    private readonly BrokerLock _lock;

    internal BrokerCondition(PrimitiveLog log, BrokerLock guard, string name)
    {
        (Name, _lock) = (name, guard);
        State = new(log, "condition", name);
    }

    public string Name { get; }

    internal LoggedState<ConditionState> State { get; }

    /// <summary>Acquires the lock.</summary>
    /// <param name="timeout">Null waits for ever.</param>
    /// <returns>Where one waits and notifies; its disposal releases the lock.</returns>
    /// <exception cref="TimeoutException">Others held the lock for that time.</exception>
    /// <exception cref="Connection.BrokerUnavailableException">The broker refuses us.</exception>
    public Task<BrokerMonitor> EnterAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return EnterLockAsync(timeout, cancellationToken);
    }

    internal Task<BrokerHold> AcquireAsync(CancellationToken cancellationToken) => _lock.AcquireAsync(null, cancellationToken);

    private async Task<BrokerMonitor> EnterLockAsync(TimeSpan? timeout, CancellationToken cancellationToken) => new(this, await _lock.AcquireAsync(timeout, cancellationToken));
}
