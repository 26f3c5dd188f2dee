using System.Runtime.CompilerServices;
using Broker.Contracts;

namespace Broker.Pool;

/// <summary>A submitted job, which the broker has confirmed. Awaiting the handle awaits its result.</summary>
/// <typeparam name="TResult">What the job's handler returns.</typeparam>
public sealed class JobHandle<TResult>
{
    private readonly Func<CancellationToken, Task> _cancelAsync;
    private readonly Func<JobState> _open;

    internal JobHandle(Guid batchId, Guid jobId, Task<TResult> result, Func<JobState> open, Func<CancellationToken, Task> cancelAsync)
    {
        _open = open;
        _cancelAsync = cancelAsync;
        BatchId = batchId;
        JobId = jobId;
        Result = result;
    }

    /// <summary>The id of the call, as it is shown in logs.</summary>
    public Guid BatchId { get; }

    /// <summary>The job's id, as it is shown in logs and known to the handler.</summary>
    public Guid JobId { get; }

    /// <summary>
    /// The result. Faults with <see cref="JobFailedException"/> where the job failed, with <see cref="TimeoutException"/> past the
    /// deadline, and with <see cref="ObjectDisposedException"/> when the pool is disposed before.
    /// </summary>
    public Task<TResult> Result { get; }

    public JobState State => Result.Status switch
    {
        TaskStatus.RanToCompletion => JobState.Completed,
        TaskStatus.Faulted => (Result.Exception!.InnerException as JobFailedException)?.RemoteType switch
        {
            null => JobState.Abandoned,
            FailureTypes.Cancelled => JobState.Cancelled,
            FailureTypes.Expired => JobState.Expired,
            _ => JobState.Failed,
        },
        TaskStatus.Canceled => JobState.Abandoned,
        _ => _open(),
    };

    /// <summary>Awaits <see cref="Result"/>.</summary>
    public TaskAwaiter<TResult> GetAwaiter() => Result.GetAwaiter();

    /// <summary>Waits for the result.</summary>
    /// <exception cref="TimeoutException">It did not come within <paramref name="timeout"/>; the job goes on. Or the job's deadline passed.</exception>
    /// <exception cref="JobFailedException">The job failed.</exception>
    public Task<TResult> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default) => Result.WaitAsync(timeout, cancellationToken);

    /// <summary>
    /// Cancels the job, see <see cref="IJobPool.CancelAsync"/>. What became of it is told by <see cref="Result"/>, which fails with <see cref="FailureTypes.Cancelled"/> where the job
    /// did not end before: at once where it ran or a consumer meets it, later where it waits to be tried again or nobody serves its kind.
    /// </summary>
    /// <exception cref="Connection.BrokerUnavailableException">The broker did not confirm it.</exception>
    public Task CancelAsync(CancellationToken cancellationToken = default) => Result.IsCompleted ? Task.CompletedTask : _cancelAsync(cancellationToken);
}

/// <summary>What is known of a submitted job.</summary>
public enum JobState
{
    /// <summary>Queued or running; no outcome has come.</summary>
    Waiting,

    /// <summary>A consumer runs it, and said so. Known only where <see cref="CallOptions.Progress"/> asks for it, of a job that runs for half a second or more.</summary>
    Running,

    /// <summary>It failed, and waits on the broker to be tried again.</summary>
    Delayed,

    /// <summary>There is a result.</summary>
    Completed,

    /// <summary>The job failed on its consumer.</summary>
    Failed,

    /// <summary>The job was cancelled.</summary>
    Cancelled,

    /// <summary>It was not run, because a consumer met it after its deadline or <see cref="CallOptions.Expires"/>.</summary>
    Expired,

    /// <summary>The deadline passed or the pool was disposed: no outcome is waited for any more.</summary>
    Abandoned,
}
