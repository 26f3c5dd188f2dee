using Broker.Primitives;
using Medallion.Threading;

namespace Broker.DistributedLock;

/// <summary>A <see cref="BrokerLock"/> as <see cref="IDistributedLock"/>.</summary>
public sealed class BrokerDistributedLock(BrokerLock inner) : IDistributedLock
{
    public string Name => inner.Name;

    public IDistributedSynchronizationHandle Acquire(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Synchronous.Wait(() => AcquireAsync(timeout, cancellationToken), cancellationToken);

    public IDistributedSynchronizationHandle? TryAcquire(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        Synchronous.Wait(() => TryAcquireAsync(timeout, cancellationToken), cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        BrokerHandle.OfAsync(inner.AcquireAsync(timeout, cancellationToken));

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        BrokerHandle.OfAnyAsync(inner.TryAcquireAsync(timeout, cancellationToken));
}
