using Broker.Contracts;

namespace Broker.Pool;

/// <summary>Checks what a caller gave, at once, and makes a call of it.</summary>
internal sealed class TypedCalls(PoolCalls calls, ClientSettings settings, OpenCalls open)
{
    public TypedCall<TResult> Of<TResult>(IJob<TResult> job, CallOptions? options)
    {
        ArgumentNullException.ThrowIfNull(job);
        IJob<TResult>[] only = [job];
        return New<TResult>(Checked(CallOptions.ToBatch(options)), encoder => encoder.Read(only));
    }

    public TypedCall<TResult> Of<TResult>(IEnumerable<IJob<TResult>> jobs, BatchOptions? options, bool waits = true)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        if (jobs.TryGetNonEnumeratedCount(out var count))
            options = (options ?? new BatchOptions()) with { ExpectedItems = count };
        return New<TResult>(Checked(options, waits), encoder => encoder.Read(jobs));
    }

    public TypedCall<TResult> Of<TResult>(IAsyncEnumerable<IJob<TResult>> jobs, BatchOptions? options, bool waits = true)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        return New<TResult>(Checked(options, waits), encoder => encoder.Read(jobs));
    }

    /// <param name="options">What the caller gave.</param>
    /// <param name="waits">Whether the call waits for outcomes: then the default deadline applies.</param>
    public BatchOptions Checked(BatchOptions? options, bool waits = true) => (options ?? new BatchOptions()).Validated(waits ? settings.DefaultDeadline : null);

    private TypedCall<TResult> New<TResult>(BatchOptions options, Func<JobEncoder<TResult>, IItemReader> read)
    {
        open.ThrowIfShut();
        return new TypedCall<TResult>(calls, settings.Json, options, read);
    }
}
