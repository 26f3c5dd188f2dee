using System.Diagnostics.CodeAnalysis;
using Broker.Primitives;
using Medallion.Threading;

namespace Broker.DistributedLock;

/// <summary>A <see cref="BrokerHold"/> as DistributedLock's handle. As there, one that is forgotten releases its lock when it is collected.</summary>
internal sealed class BrokerHandle(BrokerHold hold) : IDistributedSynchronizationHandle
{
    private BrokerHold? _hold = hold;

    [SuppressMessage("Design", "MA0055", Justification = "That is what users of DistributedLock are used to.")]
    ~BrokerHandle()
    {
        if (_hold is { } forgotten)
            _ = Task.Run(async () => await forgotten.DisposeAsync());
    }

    public CancellationToken HandleLostToken => Volatile.Read(ref _hold)?.LostToken ?? throw new ObjectDisposedException(nameof(BrokerHandle));

    /// <summary>Fits the tasks of Broker to the interfaces.</summary>
    public static async ValueTask<IDistributedSynchronizationHandle> OfAsync(Task<BrokerHold> acquiring) => new BrokerHandle(await acquiring);

    /// <inheritdoc cref="OfAsync"/>
    public static async ValueTask<IDistributedSynchronizationHandle?> OfAnyAsync(Task<BrokerHold?> acquiring) => await acquiring is { } hold ? new BrokerHandle(hold) : null;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        if (Interlocked.Exchange(ref _hold, null) is { } held)
            Synchronous.Wait(held.DisposeAsync);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ReleaseAsync();
    }

    private ValueTask ReleaseAsync() => Interlocked.Exchange(ref _hold, null)?.DisposeAsync() ?? ValueTask.CompletedTask;
}
