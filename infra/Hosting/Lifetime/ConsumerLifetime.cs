using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Lifetime;

/// <summary>When this process has to stop consuming, by whoever finds out first: a signal, its host or supervisor, a handler that hangs, the watchdog.</summary>
internal sealed class ConsumerLifetime(ILogger log) : IDisposable
{
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _cancelJobs = new();
    private int _exitCode;

    /// <summary>Cancelled when no more jobs are to be taken; those running are finished.</summary>
    public CancellationToken Drain => _drain.Token;

    /// <summary>Cancelled when running jobs are to be cancelled and requeued.</summary>
    public CancellationToken CancelJobs => _cancelJobs.Token;

    /// <summary>What the process ends with: 0 unless it had to be retired.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    /// <summary>The first call begins the drain, the second cancels what runs.</summary>
    public void Stop()
    {
        if (_drain.IsCancellationRequested)
            _cancelJobs.Cancel();
        else
            _drain.Cancel();
    }

    public void CancelNow()
    {
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
        _cancelJobs.Dispose();
    }
}
