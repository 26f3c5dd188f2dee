using System.Collections.Concurrent;

namespace Broker.Benchmarks.Raw;

/// <summary>One run's results, each job counted once, even if it is answered several times.</summary>
internal sealed class RawRun(int jobs, SemaphoreSlim window)
{
    private readonly ConcurrentDictionary<Guid, byte> _pending = new();
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _left = jobs;

    public Task Finished => _finished.Task;

    /// <summary>Written by the one thread that takes deliveries; read when <see cref="Finished"/>.</summary>
    public long Sum { get; private set; }

    public void Expect(Guid jobId) => _pending[jobId] = 0;

    public void Accept(RawResult result)
    {
        if (!_pending.TryRemove(result.JobId, out _))
            return;
        Sum += result.Values[0];
        window.Release();
        if (--_left == 0)
            _finished.TrySetResult();
    }
}
