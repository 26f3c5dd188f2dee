namespace Broker.Pool;

/// <summary>A job that was submitted and is waited for.</summary>
public sealed class JobHandle<TResult>
{
    internal JobHandle(Guid batchId, Task<TResult> result)
    {
        BatchId = batchId;
        Result = result;
    }

    /// <summary>The id of the call, as it stands in logs.</summary>
    public Guid BatchId { get; }

    /// <summary>The result, when it comes; faults with <see cref="JobFailedException"/> where the job failed.</summary>
    public Task<TResult> Result { get; }

    public JobState State => Result.Status switch
    {
        TaskStatus.RanToCompletion => JobState.Completed,
        TaskStatus.Faulted => JobState.Failed,
        TaskStatus.Canceled => JobState.Abandoned,
        _ => JobState.Waiting,
    };

    /// <summary>Waits for the result.</summary>
    /// <exception cref="TimeoutException">It did not come in time; the job goes on.</exception>
    /// <exception cref="JobFailedException">The job failed.</exception>
    public Task<TResult> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) => Result.WaitAsync(timeout, cancellationToken);
}

/// <summary>What is known of a submitted job.</summary>
public enum JobState
{
    /// <summary>Queued or running; no outcome has come.</summary>
    Waiting,

    Completed,

    Failed,

    /// <summary>Nobody waits for it any more.</summary>
    Abandoned,
}
