using Broker.Primitives;
using Medallion.Threading;

namespace Broker.DistributedLock;

/// <summary>A <see cref="BrokerReaderWriterLock"/> as <see cref="IDistributedReaderWriterLock"/>.</summary>
public sealed class BrokerDistributedReaderWriterLock(BrokerReaderWriterLock inner) : IDistributedReaderWriterLock
{
    public string Name => inner.Name;

    public IDistributedSynchronizationHandle AcquireReadLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Synchronous.Wait(() => AcquireReadLockAsync(timeout, cancellationToken), cancellationToken);

    public IDistributedSynchronizationHandle? TryAcquireReadLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        Synchronous.Wait(() => TryAcquireReadLockAsync(timeout, cancellationToken), cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireReadLockAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        BrokerHandle.OfAsync(inner.AcquireReadAsync(timeout, cancellationToken));

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireReadLockAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        BrokerHandle.OfAnyAsync(inner.TryAcquireReadAsync(timeout, cancellationToken));

    public IDistributedSynchronizationHandle AcquireWriteLock(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Synchronous.Wait(() => AcquireWriteLockAsync(timeout, cancellationToken), cancellationToken);

    public IDistributedSynchronizationHandle? TryAcquireWriteLock(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        Synchronous.Wait(() => TryAcquireWriteLockAsync(timeout, cancellationToken), cancellationToken);

    public ValueTask<IDistributedSynchronizationHandle> AcquireWriteLockAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        BrokerHandle.OfAsync(inner.AcquireWriteAsync(timeout, cancellationToken));

    public ValueTask<IDistributedSynchronizationHandle?> TryAcquireWriteLockAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default) =>
        BrokerHandle.OfAnyAsync(inner.TryAcquireWriteAsync(timeout, cancellationToken));
}
