using System.Diagnostics.CodeAnalysis;

namespace Broker.DistributedLock;

/// <summary>The blocking half of the interfaces. The work is done on other threads, so a caller's synchronization context cannot wait for itself.</summary>
[SuppressMessage("Usage", "VSTHRD002", Justification = "The interfaces demand it.")]
internal static class Synchronous
{
    public static T Wait<T>(Func<ValueTask<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.Run(async () => await work(), CancellationToken.None).GetAwaiter().GetResult();
    }

    public static void Wait(Func<ValueTask> work) => Task.Run(async () => await work(), CancellationToken.None).GetAwaiter().GetResult();
}
