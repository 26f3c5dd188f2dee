using Broker.Primitives;
using Medallion.Threading;

namespace Broker.DistributedLock;

/// <summary>Makes locks, semaphores and reader-writer locks on a broker. They exclude those of the same name and type that are used without these interfaces.</summary>
public sealed class BrokerSynchronizationProvider(BrokerPrimitives primitives) : IDistributedLockProvider, IDistributedSemaphoreProvider, IDistributedReaderWriterLockProvider
{
    /// <param name="name">Any text: what does not fit into a queue's name is hashed.</param>
    public IDistributedLock CreateLock(string name) => new BrokerDistributedLock(primitives.Lock(name));

    /// <param name="name">Any text: what does not fit into a queue's name is hashed.</param>
    /// <param name="maxCount">Not larger than <see cref="BrokerSemaphore.MaxPermits"/>; the same wherever the name is used.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not from 1 to <see cref="BrokerSemaphore.MaxPermits"/>.</exception>
    public IDistributedSemaphore CreateSemaphore(string name, int maxCount) => new BrokerDistributedSemaphore(primitives.Semaphore(name, maxCount));

    /// <param name="name">Any text: what does not fit into a queue's name is hashed.</param>
    public IDistributedReaderWriterLock CreateReaderWriterLock(string name) => new BrokerDistributedReaderWriterLock(primitives.ReaderWriterLock(name));
}
