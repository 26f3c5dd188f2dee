namespace Broker.Contracts;

/// <summary>
/// Runs jobs of one kind. Made once per job, from the job's own scope of services, and disposed with it: the items of a chunk run in it one after
/// another. Registered as a singleton, it must be safe for concurrent use.
/// Execution is at least once: after a crash or a lost connection the same job runs again, on this process or another.
/// </summary>
/// <typeparam name="TArgs">The args record that names the kind.</typeparam>
/// <typeparam name="TResult">The result; a value that cannot be written as JSON is a failed item.</typeparam>
public interface IJobHandler<in TArgs, TResult>
    where TArgs : IJob<TResult>
{
    /// <summary>
    /// Runs one item. Any exception is that item's failure and reaches the caller with type, message and stack; throw
    /// <see cref="JobRejectedException"/> where trying again cannot help. Honour <see cref="JobContext.CancellationToken"/>.
    /// </summary>
    Task<TResult> HandleAsync(TArgs args, JobContext job);
}
