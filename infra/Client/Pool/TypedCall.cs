using System.Runtime.CompilerServices;
using System.Text.Json;
using Broker.Contracts;

namespace Broker.Pool;

/// <summary>A call on typed jobs: writes them as items and reads the outcomes as results.</summary>
/// <param name="calls">Runs the items.</param>
/// <param name="json">How jobs and results are written.</param>
/// <param name="options">How the items are run.</param>
/// <param name="read">Opens the jobs for reading.</param>
internal sealed class TypedCall<TResult>(PoolCalls calls, JsonSerializerOptions json, BatchOptions options, Func<JobEncoder<TResult>, IItemReader> read)
{
    private readonly ResultReader<TResult> _results = new(json);

    /// <summary>All results in the order of the jobs.</summary>
    public async Task<IReadOnlyList<TResult>> ListAsync(CancellationToken cancellationToken)
    {
        var results = new List<TResult>();
        await foreach (var result in ResultsAsync(cancellationToken))
            results.Add(result);
        return results;
    }

    /// <summary>The results in the order of the jobs.</summary>
    public async IAsyncEnumerable<TResult> ResultsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var outcome in RunAsync(ordered: true, cancellationToken))
            yield return _results.Read(outcome);
    }

    /// <summary>The outcomes as they come.</summary>
    public IAsyncEnumerable<JobOutcome<TResult>> OutcomesAsync(CancellationToken cancellationToken) => _results.OutcomesAsync(RunAsync(ordered: false, cancellationToken));

    public Task<PublishedBatch> PublishAsync(bool detached, CancellationToken cancellationToken) => calls.PublishAsync(Open(), options, detached, cancellationToken);

    /// <summary>The result of the only job.</summary>
    public Task<TResult> ResultAsync(CancellationToken cancellationToken) => ResultAsync(calls.NewBatch(options), Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Sends the only job; returns when the broker has confirmed it.</summary>
    public async Task<JobHandle<TResult>> SubmitAsync(CancellationToken cancellationToken)
    {
        var batch = calls.NewBatch(options);
        // The caller's token ends the submitting; what is submitted has its deadline, and its pool's end.
        var giveUp = new CancellationTokenSource();
        var result = ResultAsync(batch, PoolCalls.BrokerTimeout, giveUp.Token);
        await using (cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), giveUp))
            await Task.WhenAny(batch.Confirmed, result);
        if (!batch.Confirmed.IsCompleted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await result;
        }

        // Whoever never looks at the handle has no use for an unobserved exception either.
        _ = result.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return new JobHandle<TResult>(batch.Id, batch.FirstJobId, result, () => batch.State, token => calls.CancelAsync([batch.Id], token));
    }

    private async Task<TResult> ResultAsync(Batch batch, TimeSpan brokerTimeout, CancellationToken cancellationToken)
    {
        ItemOutcome? only = null;
        // To its end: a loop that is left is not a complete call.
        await foreach (var outcome in calls.RunAsync(batch, Open(), ordered: true, brokerTimeout, cancellationToken))
            only = outcome;
        return _results.Read(only ?? throw new InvalidOperationException("a batch of one item ended without an outcome"));
    }

    private IAsyncEnumerable<ItemOutcome> RunAsync(bool ordered, CancellationToken cancellationToken) =>
        calls.RunAsync(calls.NewBatch(options), Open(), ordered, Timeout.InfiniteTimeSpan, cancellationToken);

    private IItemReader Open() => read(new JobEncoder<TResult>(json));
}
