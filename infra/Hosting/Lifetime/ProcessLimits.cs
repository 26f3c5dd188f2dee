using System.Globalization;

namespace Broker.Hosting.Lifetime;

/// <summary>Ends the process when it has run as many jobs, or uses as much memory, as it may: what handlers leak goes with it.</summary>
/// <param name="terms">The limits.</param>
/// <param name="life">Is told.</param>
/// <param name="memory">The working set of this process, in bytes.</param>
/// <param name="clock">Spaces the looks at the memory.</param>
internal sealed class ProcessLimits(ProcessTerms terms, ConsumerLifetime life, Func<long> memory, TimeProvider clock)
{
    /// <summary>A look costs some system calls, and there may be thousands of jobs a second.</summary>
    public static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>For jobs that take so long that memory grows while they run.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const double MiB = 1024 * 1024;

    private int _taken;
    private long _looked;

    /// <summary>Counts a delivery.</summary>
    /// <returns>False for one too many: the process has its share already, or is stopping for another reason.</returns>
    public bool TryTake()
    {
        if (life.Drain.IsCancellationRequested)
            return false;
        var taken = Interlocked.Increment(ref _taken);
        if (taken == terms.MaxJobs)
            life.Leave(ConsumerEnd.Spent, string.Create(CultureInfo.InvariantCulture, $"{taken} jobs were taken, as many as one process may"));
        return terms.MaxJobs is null || taken <= terms.MaxJobs;
    }

    /// <summary>A job has ended.</summary>
    public void Ended()
    {
        if (terms.MaxMemory is null || clock.GetElapsedTime(Volatile.Read(ref _looked)) < LeastInterval)
            return;
        Volatile.Write(ref _looked, clock.GetTimestamp());
        Look();
    }

    /// <summary>Looks from time to time, until the process stops.</summary>
    public async Task WatchAsync()
    {
        if (terms.MaxMemory is null)
            return;
        try
        {
            while (true)
            {
                await Task.Delay(Interval, clock, life.Drain);
                Look();
            }
        }
        catch (OperationCanceledException) when (life.Drain.IsCancellationRequested)
        {
            // There is no more to be limited.
        }
    }

    /// <summary>A process that has had no job yet is not replaced: its successor would be as large.</summary>
    private void Look()
    {
        if (Volatile.Read(ref _taken) > 0 && memory() is var used && used >= terms.MaxMemory)
            life.Leave(ConsumerEnd.Spent, string.Create(CultureInfo.InvariantCulture, $"{used / MiB:0} MiB of memory are used and one process may use {terms.MaxMemory / MiB:0.#} MiB"));
    }
}
