using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Lifetime;

/// <summary>When this process has to stop consuming, by whoever finds out first: a signal, its host or supervisor, a handler that hangs, the watchdog.</summary>
internal sealed class ConsumerLifetime(ILogger log) : IDisposable
{
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _cancelJobs = new();
    private int _exitCode;

    /// <summary>Cancelled when no more jobs are to be taken; those running are finished.</summary>
    public CancellationToken Drain => _drain.Token;

    /// <summary>Cancelled when somebody wants the process to end: running jobs have the drain time from then on. A process that retires has no such limit.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Cancelled when running jobs are to be cancelled and requeued.</summary>
    public CancellationToken CancelJobs => _cancelJobs.Token;

    /// <summary>What the process ends with: 0 unless it had to be retired.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    /// <summary>The first call begins the drain, the second cancels what runs.</summary>
    public void Stop()
    {
        if (_asked.IsCancellationRequested)
            _cancelJobs.Cancel();
        _asked.Cancel();
        _drain.Cancel();
    }

    public void CancelNow()
    {
        _asked.Cancel();
        _drain.Cancel();
        _cancelJobs.Cancel();
    }

    /// <summary>The process is no longer fit to run jobs: it finishes what it can and ends with 1, so that its supervisor replaces it.</summary>
    public void Retire(string reason)
    {
        if (Interlocked.Exchange(ref _exitCode, 1) == 0)
            log.LogError(EventActions.ProcessStopping, "{Reason}: this process takes no more jobs and ends when the others it runs are done", reason);
        _drain.Cancel();
    }

    public void Dispose()
    {
        _drain.Dispose();
        _asked.Dispose();
        _cancelJobs.Dispose();
    }
}
