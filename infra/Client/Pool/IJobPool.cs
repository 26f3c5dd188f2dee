using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;

namespace Broker.Pool;

/// <summary>
/// A pool of processes that may run on any number of machines: send it jobs, get every result back. Safe for concurrent use; one pool
/// serves a whole program.
/// </summary>
/// <remarks>
/// <para>All jobs of one call are of one type. A null job, a job of another type, and a type that declares no kind end the call with
/// <see cref="ArgumentException"/>; a job larger than a message (8 MiB) with <see cref="MessageTooLargeException"/>; what a source of jobs
/// throws ends it as it is. Options out of their range are refused at once, with <see cref="ArgumentOutOfRangeException"/>.</para>
/// <para>A source of jobs is read no further than the window of jobs in flight allows, and is disposed as soon as the call ends or its
/// token fires. A synchronous source is read on a thread of its own, so it may block; it may also wait for results of its own call. A source
/// that is blocked when the call ends is disposed when it comes back.</para>
/// <para>While the broker is away a call waits for it: until its deadline (<see cref="TimeoutException"/>), or where it has none, for as long
/// as it takes; submitting and publishing without a deadline give up after 30 s (<see cref="BrokerUnavailableException"/>). A broker
/// that refuses us ends a call at once, with the same exception.</para>
/// <para>A call on a disposed pool, and one under way when the pool is disposed, ends with <see cref="ObjectDisposedException"/>. Whatever ends a call before
/// its last outcome, its token, its deadline, a failure, a loop that is left, the pool's disposal, cancels its other jobs.</para>
/// </remarks>
public interface IJobPool : IAsyncDisposable
{
    /// <summary>Runs one job and waits for its result.</summary>
    /// <exception cref="JobFailedException">It failed on its consumer.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    Task<TResult> CallAsync<TResult>(IJob<TResult> job, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Sends one job; returns when the broker has confirmed it. Its result comes by the handle.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">Time limits. The deadline goes on counting for the result.</param>
    /// <param name="cancellationToken">Ends the waiting for the confirmation, after which the job may run or not; afterwards it does nothing.</param>
    /// <exception cref="BrokerUnavailableException">The broker did not confirm it within 30 s, and the job has no deadline.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    Task<JobHandle<TResult>> SubmitAsync<TResult>(IJob<TResult> job, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Runs all jobs and returns their results in the order of the jobs.</summary>
    /// <exception cref="JobFailedException">
    /// The first item, in order, that failed. The others are cancelled; <see cref="WhenEachAsync{TResult}(IEnumerable{IJob{TResult}}, BatchOptions?, CancellationToken)"/> gives
    /// every outcome.
    /// </exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    Task<IReadOnlyList<TResult>> MapAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="MapAsync{TResult}(IEnumerable{IJob{TResult}}, BatchOptions?, CancellationToken)"/>
    Task<IReadOnlyList<TResult>> MapAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Like <see cref="MapAsync{TResult}(IEnumerable{IJob{TResult}}, BatchOptions?, CancellationToken)"/>, lazily: yields results in the order of the jobs as they are ready, and
    /// reads jobs only as far as the window allows. Each enumeration is a call of its own.
    /// </summary>
    /// <exception cref="JobFailedException">The item whose turn it is failed.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    IAsyncEnumerable<TResult> StreamAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="StreamAsync{TResult}(IEnumerable{IJob{TResult}}, BatchOptions?, CancellationToken)"/>
    IAsyncEnumerable<TResult> StreamAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Runs all jobs, read lazily, and yields each one's outcome when it completes, a result or a failure. Each enumeration is a call of its own.</summary>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    IAsyncEnumerable<JobOutcome<TResult>> WhenEachAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="WhenEachAsync{TResult}(IEnumerable{IJob{TResult}}, BatchOptions?, CancellationToken)"/>
    IAsyncEnumerable<JobOutcome<TResult>> WhenEachAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Sends jobs whose results nobody waits for; returns when the broker has confirmed all of them.</summary>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 s, and there is no deadline. What it confirmed before will run.</exception>
    /// <exception cref="TimeoutException">The deadline passed. What was confirmed before will run.</exception>
    Task<PublishedBatch> PublishAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="PublishAsync{TResult}(IEnumerable{IJob{TResult}}, BatchOptions?, CancellationToken)"/>
    Task<PublishedBatch> PublishAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends jobs whose outcomes are kept for a day, to be collected by any program; returns when the broker has confirmed all. Nothing that this pool or program does afterwards
    /// ends them; <see cref="CancelAsync"/> does.
    /// </summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="options">How they are run; null for <see cref="BatchOptions.Chunk"/> is 1, as for a publish.</param>
    /// <param name="cancellationToken">Ends the sending. What was confirmed before will run, and can be collected.</param>
    /// <exception cref="BrokerUnavailableException">The broker was away for 30 s, and there is no deadline.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    /// <exception cref="NotSupportedException">The pool runs its jobs in this process.</exception>
    Task<PublishedBatch> DetachAsync<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="DetachAsync{TResult}(IEnumerable{IJob{TResult}}, BatchOptions?, CancellationToken)"/>
    Task<PublishedBatch> DetachAsync<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// The outcomes of a detached batch, each item's once. Collecting takes nothing away: any number of programs may, at once, later, and again. An item that was dead-lettered and
    /// redriven has the outcome of its last run, as far as that had ended when the collection began.
    /// </summary>
    /// <param name="batchId">Of <see cref="DetachAsync{TResult}(IEnumerable{IJob{TResult}}, BatchOptions?, CancellationToken)"/>.</param>
    /// <param name="options">Waits for all and gives them in order, unless it says otherwise.</param>
    /// <param name="cancellationToken">Ends the collection; the batch goes on.</param>
    /// <exception cref="BatchUnknownException">It was not detached on this broker, or more than a day ago.</exception>
    /// <exception cref="TimeoutException">The deadline passed.</exception>
    /// <exception cref="NotSupportedException">The pool runs its jobs in this process.</exception>
    IAsyncEnumerable<JobOutcome<TResult>> CollectAsync<TResult>(Guid batchId, CollectOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Cancels jobs, of this pool or of any other program: those that run have their token cancelled, those that are queued, wait to be tried again or are met only by a consumer that
    /// starts later are not run. Each item that has no outcome yet fails as <see cref="FailureTypes.Cancelled"/>, once; nothing is dead-lettered. A handler that ignores its token runs to its
    /// end, and its result counts.
    /// </summary>
    /// <param name="ids">Batch ids and job ids. One that is unknown does nothing.</param>
    /// <param name="cancellationToken">Ends the waiting for the broker's confirmation.</param>
    /// <returns>Completes when the broker has it safe for a day: from then on no such job starts, except in the moment that the message takes to running consumers.</returns>
    /// <exception cref="BrokerUnavailableException">The broker did not confirm it within 30 s, or refuses us.</exception>
    Task CancelAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken = default);

    /// <summary>Takes no more calls, waits for those under way, and disposes the pool.</summary>
    /// <param name="cancellationToken">Ends the waiting: the pool then still takes no calls, and is not disposed.</param>
    Task CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends everything at once: takes no more calls, ends those under way with <see cref="ObjectDisposedException"/>, cancels their jobs as <see cref="CancelAsync"/> does, and disposes the pool.
    /// What was published or detached goes on. Disposal does the same, but waits for the broker for two seconds only, and does not say whether it heard.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting for the broker's confirmation; the pool is disposed all the same.</param>
    /// <returns>Completes when the broker has it safe that the jobs are cancelled.</returns>
    /// <exception cref="BrokerUnavailableException">The broker did not confirm it within 30 s, or refuses us. The pool is disposed.</exception>
    Task TerminateAsync(CancellationToken cancellationToken = default);
}
