using System.Runtime.CompilerServices;
using Broker.Bus;
using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>The calls of one pool, on items as JSON: each from its first item to its end.</summary>
internal sealed class PoolCalls(IJobLink link, ClientSettings settings, OpenBatches batches, BatchLog batchLog, OpenCalls calls, CancellationToken closed)
{
    /// <summary>How long a publish or a submit without a deadline waits for a broker that is away.</summary>
    public static readonly TimeSpan BrokerTimeout = MessageSender.Deadline;

    private readonly CallStarter _starter = new(link, settings.Name);
    private readonly ILogger _log = settings.Logs.CreateLogger<JobPool>();

    private readonly LeftJobs _left = new(link.CancelAsync, settings.Logs.CreateLogger<JobPool>());

    public Batch NewBatch(BatchOptions options) => new(options, batchLog.Log) { CopyLeft = _left.Add };

    /// <inheritdoc cref="IJobLink.CancelAsync"/>
    public Task CancelAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => link.CancelAsync(ids, cancellationToken);

    /// <summary>Cancels the jobs that calls under way leave, and those that earlier ones left.</summary>
    /// <inheritdoc cref="LeftJobs.EndAsync"/>
    public Task<BrokerUnavailableException?> EndAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        foreach (var batch in batches.All)
            Leave(batch);
        return _left.EndAsync(timeout, cancellationToken);
    }

    /// <summary>Runs items and yields their outcomes. Disposes the reader; cancels the jobs that have no outcome when it ends.</summary>
    /// <param name="batch">The batch they become.</param>
    /// <param name="items">The items.</param>
    /// <param name="ordered">Whether outcomes come in the order of the items.</param>
    /// <param name="brokerTimeout">How long to wait for a broker that is away, where there is no deadline.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async IAsyncEnumerable<ItemOutcome> RunAsync(
        Batch batch, IItemReader items, bool ordered, TimeSpan brokerTimeout, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var call = calls.Enter();
        using var end = new CallEnd(batch.Options.Deadline, brokerTimeout, closed, cancellationToken);
        if (await _starter.StartAsync(batch.Id, items, batch.Options, receive: true, end) is not { } start)
            yield break;
        batches.Add(batch);
        batchLog.Begins(start.Template);
        using var span = start.Span;
        using var silence = start.Route.Watch?.Watch(start.Template.Kind, batch);
        var (complete, left) = (false, false);
        var watching = start.Route.Fleet is { } fleet ? new ServiceWatch(fleet, settings.OnNotice, _log, TimeProvider.System).WatchAsync(start.Template.Kind, () => batch.Arrived > 0, end.Token) : Task.CompletedTask;
        try
        {
            await using var outcomes = batch.RunAsync(start.Template, items, start.FirstIsRead, ordered, SenderOf(start, end), start.Route.ReplyTo, end.Token).GetAsyncEnumerator(CancellationToken.None);
            while (await end.NextAsync(outcomes, () => batch.Arrived))
            {
                // A caller that has what it came for leaves the loop here, and nothing has failed.
                left = true;
                foreach (var outcome in outcomes.Current)
                    yield return outcome;
                left = false;
            }

            left = batch.Options.Steering is { StopWaiting.IsCancellationRequested: true };
            complete = !left;
        }
        finally
        {
            batchLog.Ends(start.Template, batch.Arrived, complete, left);
            if (complete || left)
                span.Complete(batch.Arrived);
            // First, so that the end of the pool finds it either here or among those that are left.
            Leave(batch);
            batches.Remove(batch);
            await end.StopAsync();
            await watching;
        }
    }

    /// <summary>Sends items that nobody waits for; returns when the broker has confirmed all. Disposes the reader.</summary>
    /// <param name="items">The items.</param>
    /// <param name="options">How they are run.</param>
    /// <param name="detached">Whether the outcomes are kept, to be collected later.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<PublishedBatch> PublishAsync(IItemReader items, BatchOptions options, bool detached, CancellationToken cancellationToken)
    {
        using var call = calls.Enter();
        using var end = new CallEnd(options.Deadline, BrokerTimeout, closed, cancellationToken);
        var id = Guid.CreateVersion7();
        if (await _starter.StartAsync(id, items, options, receive: false, end) is not { } start)
            return new PublishedBatch(id, 0);
        using var span = start.Span;
        batchLog.Begins(start.Template);
        try
        {
            if (detached)
            {
                start = start with { Template = start.Template with { ReplyTo = OutcomeStream.Of(id).Key } };
                await link.AnnounceAsync(BeginningOf(start.Template), end.Token);
            }

            var count = await Publishing.RunAsync(start.Template, items, start.FirstIsRead, options, SenderOf(start, end), end.Token);
            if (detached)
                await link.AnnounceAsync(BeginningOf(start.Template) with { Items = count }, end.Token);
            batchLog.Published(start.Template, count);
            span.Complete(count);
            return new PublishedBatch(id, count);
        }
        catch (OperationCanceledException e) when (end.Token.IsCancellationRequested)
        {
            throw end.Reason(e, "before the broker had confirmed all jobs");
        }
        finally
        {
            await end.StopAsync();
            await IItemReader.EndAsync(items, Task.CompletedTask);
        }
    }

    private static BatchDetached BeginningOf(RunJob template) =>
        new() { BatchId = template.BatchId, Kind = template.Kind, SubmittedAt = template.SubmittedAt, SubmittedBy = template.SubmittedBy };

    private void Leave(Batch batch)
    {
        if (batch.Leave())
            _left.Add(batch.Id);
    }

    private Func<RunJob, byte[], CancellationToken, Task> SenderOf(CallStart start, CallEnd end) => async (job, body, token) =>
    {
        await start.Route.SendAsync(job, body, end.SendTimeout, token);
        start.Span.Sent(job.JobId);
        batchLog.Submitted(job, body.Length);
    };
}
