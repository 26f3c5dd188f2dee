using Broker.Connection;
using Broker.Primitives.Tokens;

namespace Broker.Primitives;

/// <summary>
/// A lock for all processes that use its name: a semaphore of one permit. Not reentrant; see <see cref="BrokerReentrantLock"/>. Waiters are served in order. A holder that dies frees it: at once
/// when its process ends, after at most ten seconds when its machine or network is silent. Not promised: that never two are at work, see <see cref="BrokerHold"/>. A name that is not used for
/// seven days is forgotten, but its queue costs the broker some memory until it is removed: names are for what there is a fixed number of, not for each order or user.
/// </summary>
public sealed class BrokerLock
{
    internal const string Type = "lock";

    private readonly BrokerSemaphore _permit;

    internal BrokerLock(TokenKernel kernel, string name)
        : this(kernel, Type, name)
    {
    }

    internal BrokerLock(TokenKernel kernel, string type, string name) => _permit = new BrokerSemaphore(kernel, type, name, permits: 1);

    public string Name => _permit.Name;

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="TimeoutException">It was not free in time.</exception>
    /// <inheritdoc cref="BrokerSemaphore.AcquireAsync(TimeSpan?, CancellationToken)"/>
    public Task<BrokerHold> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => _permit.AcquireAsync(timeout, cancellationToken);

    /// <summary>Takes the lock if it is free in time.</summary>
    /// <returns>Null if it was not.</returns>
    /// <inheritdoc cref="BrokerSemaphore.TryAcquireAsync(TimeSpan, CancellationToken)"/>
    public Task<BrokerHold?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) => _permit.TryAcquireAsync(timeout, cancellationToken);

    /// <summary>Looks who holds it, and how many wait.</summary>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public Task<BrokerPermitStatus> GetStatusAsync(CancellationToken cancellationToken = default) => _permit.GetStatusAsync(cancellationToken);

    /// <summary>
    /// Frees it whoever holds it. For an operator: the holder is told by its <see cref="BrokerHold.LostToken"/>, and may work on until it hears it.
    /// </summary>
    /// <returns>Whether the name was in use.</returns>
    /// <exception cref="BrokerUnavailableException">The broker is away or refuses us.</exception>
    public Task<bool> BreakAsync(CancellationToken cancellationToken = default) => _permit.BreakAsync(cancellationToken);

    internal Task<TokenHold?> TakeAsync(TimeSpan timeout, CancellationToken cancellationToken) => _permit.TakeAsync(1, timeout, cancellationToken);
}
