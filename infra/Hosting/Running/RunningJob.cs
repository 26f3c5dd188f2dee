using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Running;

/// <summary>A job that this process holds: it runs, or waits for its turn. Disposal takes it out of the registry.</summary>
internal sealed class RunningJob : IDisposable, IProgressSink
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _connection;
    private readonly Action<RunningJob> _onEnd;
    private readonly CancellationToken _connectionLost;
    private readonly ItemIndices _indices;
    private readonly int _count;
    private int _cause;
    private volatile ItemProgress? _progress;
    private volatile bool _ended;

    public RunningJob(RunJob job, int count, Action<RunningJob> onEnd, CancellationToken connectionLost)
    {
        (_indices, _count) = (job.Indices, count);
        (JobId, BatchId, Kind, RedrivenAt, ReplyTo) = (job.JobId, job.BatchId, job.Kind, job.RedrivenAt, job.ReplyTo);
        _onEnd = onEnd;
        _connectionLost = connectionLost;
        _connection = connectionLost.UnsafeRegister(static self => ((RunningJob)self!).Cancel(CancellationCause.ConnectionLost), this);
    }

    public Guid JobId { get; }

    public Guid BatchId { get; }

    public string Kind { get; }

    /// <inheritdoc cref="RunJob.ReplyTo"/>
    public string? ReplyTo { get; }

    /// <inheritdoc cref="RunJob.RedrivenAt"/>
    public DateTimeOffset? RedrivenAt { get; }

    /// <summary>When this process received it.</summary>
    public DateTimeOffset ReceivedAt { get; } = DateTimeOffset.UtcNow;

    /// <summary>Cancelled when the job is to end early.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Why <see cref="Token"/> was cancelled: the first of several reasons.</summary>
    public CancellationCause Cause => (CancellationCause)Volatile.Read(ref _cause);

    /// <summary>Told of each report; null where no caller wants them.</summary>
    public Action<RunningJob>? Reported { get; init; }

    /// <summary>The newest report of its handler, or, where that is told somebody, that it was started; null before.</summary>
    public ItemProgress? Progress => _progress;

    /// <summary>Whether it was disposed.</summary>
    public bool HasEnded => _ended;

    public HeldJob Describe() =>
        new() { JobId = JobId, BatchId = BatchId, Indices = _indices, Count = _count, ReceivedAt = ReceivedAt, Progress = _progress is { Fraction: null, Text: null } ? null : _progress };

    public void Report(long index, double? fraction, string? text)
    {
        // A handler may go on after its item has ended.
        if (_ended)
            return;
        _progress = new ItemProgress(index, fraction, text);
        Reported?.Invoke(this);
    }

    /// <summary>Its work begins.</summary>
    public void Start()
    {
        if (Reported is not null)
            Report(_indices[0], null, null);
    }

    /// <returns>False where it was cancelled before.</returns>
    public bool Cancel(CancellationCause cause)
    {
        if (Interlocked.CompareExchange(ref _cause, (int)cause, (int)CancellationCause.None) != (int)CancellationCause.None)
            return false;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended while it was being cancelled.
        }

        return true;
    }

    /// <summary>
    /// Waits for the job's work. When its token is cancelled and the work does not notice within <paramref name="notice"/>, it is left behind; not where the job itself
    /// was cancelled, which is answered when the work has ended: acknowledged earlier, it would run beside the next one.
    /// </summary>
    /// <param name="work">The work.</param>
    /// <param name="notice">What it may take to notice.</param>
    /// <param name="isAnswering">Whether it waits for an outcome to be confirmed, which is never left behind.</param>
    /// <exception cref="OperationCanceledException">By <see cref="Token"/>.</exception>
    public async Task UntilNoticedAsync(Task work, TimeSpan notice, Func<bool> isAnswering)
    {
        try
        {
            await work.WaitAsync(Token);
        }
        catch (OperationCanceledException) when (Cause == CancellationCause.Cancelled)
        {
            await work.WaitAsync(_connectionLost);
        }
        catch (OperationCanceledException) when (Token.IsCancellationRequested && !work.IsCompleted)
        {
            await work.WaitAsync(notice).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (work.IsCompleted || isAnswering())
                await work;
            else
                throw;
        }
    }

    public void Dispose()
    {
        _ended = true;
        _connection.Dispose();
        _onEnd(this);
        _stop.Dispose();
    }
}
