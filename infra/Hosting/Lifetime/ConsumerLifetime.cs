using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Lifetime;

/// <summary>When this process has to stop consuming, by whoever finds out first: a signal, its host or supervisor, an operator, its limits, a handler that hangs, the watchdog.</summary>
internal sealed class ConsumerLifetime(ILogger log) : IDisposable
{
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _cancelJobs = new();
    private int _end;

    /// <summary>Raised once, before <see cref="Drain"/>, when the process ends for a reason of its own or of the fleet; the argument says why.</summary>
    public event Action<ConsumerEnd>? Ending;

    /// <summary>Cancelled when no more jobs are to be taken; those running are finished.</summary>
    public CancellationToken Drain => _drain.Token;

    /// <summary>Cancelled when somebody wants the process to end: running jobs have the drain time from then on. A process that retires has no such limit.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Cancelled when running jobs are to be cancelled and requeued.</summary>
    public CancellationToken CancelJobs => _cancelJobs.Token;

    /// <summary>Why it ends, the first of several reasons.</summary>
    public ConsumerEnd End => (ConsumerEnd)Volatile.Read(ref _end);

    /// <summary>What the process ends with: 0 unless it is unfit.</summary>
    public int ExitCode => End == ConsumerEnd.Unfit ? 1 : 0;

    /// <summary>Begins the drain; to be told so again changes nothing.</summary>
    public void Stop()
    {
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
        if (TryEnd(ConsumerEnd.Unfit))
            log.LogError(EventActions.ProcessStopping, "{Reason}: this process takes no more jobs and ends when the others it runs are done", reason);
        _drain.Cancel();
    }

    /// <summary>The process has done its part: it finishes what it has and ends with 0.</summary>
    /// <param name="end"><see cref="ConsumerEnd.Spent"/> or <see cref="ConsumerEnd.Idle"/>.</param>
    /// <param name="reason">For the log.</param>
    public void Leave(ConsumerEnd end, string reason)
    {
        if (TryEnd(end))
            log.LogInformation(EventActions.ProcessStopping, "{Reason}: this process takes no more jobs and ends when those it runs are done", reason);
        _drain.Cancel();
    }

    /// <summary>An operator wants the process to end, as a signal would have it.</summary>
    /// <param name="all">Whether its siblings are meant as well.</param>
    public void BeDrained(bool all)
    {
        if (TryEnd(all ? ConsumerEnd.AllDrained : ConsumerEnd.Drained))
            log.LogInformation(EventActions.ProcessStopping, "drained by the command of an operator");
        Stop();
    }

    public void Dispose()
    {
        _drain.Dispose();
        _asked.Dispose();
        _cancelJobs.Dispose();
    }

    private bool TryEnd(ConsumerEnd end)
    {
        // One that is stopping already has a reason, but what hangs then is told all the same.
        if ((_drain.IsCancellationRequested && end != ConsumerEnd.Unfit) || Interlocked.CompareExchange(ref _end, (int)end, (int)ConsumerEnd.None) != (int)ConsumerEnd.None)
            return false;
        Ending?.Invoke(end);
        return true;
    }
}
