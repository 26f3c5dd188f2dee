using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Running;

/// <summary>A job that this process holds: it runs, or waits for its turn. Disposal takes it out of the registry.</summary>
internal sealed class RunningJob : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _connection;
    private readonly Action<RunningJob> _onEnd;
    private int _cause;

    public RunningJob(RunJob job, Action<RunningJob> onEnd, CancellationToken connectionLost)
    {
        JobId = job.JobId;
        BatchId = job.BatchId;
        Kind = job.Kind;
        _onEnd = onEnd;
        _connection = connectionLost.UnsafeRegister(static self => ((RunningJob)self!).Cancel(CancellationCause.ConnectionLost), this);
    }

    public Guid JobId { get; }

    public Guid BatchId { get; }

    public string Kind { get; }

    /// <summary>When this process received it.</summary>
    public DateTimeOffset ReceivedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>Cancelled when the job is to end early.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Why <see cref="Token"/> was cancelled: the first of several reasons.</summary>
    public CancellationCause Cause => (CancellationCause)Volatile.Read(ref _cause);

    public void Cancel(CancellationCause cause)
    {
        if (Interlocked.CompareExchange(ref _cause, (int)cause, (int)CancellationCause.None) != (int)CancellationCause.None)
            return;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended while it was being cancelled.
        }
    }

    public void Dispose()
    {
        _connection.Dispose();
        _onEnd(this);
        _stop.Dispose();
    }
}
