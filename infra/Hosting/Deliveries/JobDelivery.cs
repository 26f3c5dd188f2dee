using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Broker.Hosting.Health;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Deliveries;

/// <summary>
/// One delivery in, one outcome out. Returning acknowledges the delivery, so it returns only when the outcome is confirmed by the broker;
/// throwing gives the job back.
/// </summary>
internal sealed class JobDelivery(KindRunner runner, int concurrency, ProcessIdentity self, OutcomeRoutes routes, ExclusiveGate gate, ProcessLife life, ILogger log)
{
    /// <summary>A chunk that was handed out this often before is split into jobs of one item, so that a crasher among them stands alone.</summary>
    private const int SplitAfter = 2;

    /// <summary>A single item that was handed out this often before runs alone in its process, so that it takes no other job along.</summary>
    private const int AloneAfter = 2;

    /// <summary>A job that was handed out this often before, and never answered, is not run again: it ends every process that runs it.</summary>
    private const int GiveUpAfter = 5;

    private readonly JobExecution _execution = new(runner, concurrency, self, log, life.Retire);

    public async Task HandleAsync(Delivery delivery)
    {
        if (Read(delivery) is not { } job)
        {
            await routes.DeadLetterUnreadableAsync(runner.Kind, delivery.Body);
            return;
        }

        using var trace = JobTrace.Enter(job);
        using var scope = log.BeginScope(Labels(job));
        log.LogDebug(EventActions.JobReceived, "received, handed out {Times} times before", delivery.EarlierDeliveries);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(delivery.ConnectionLost, life.CancelJobs);
        var items = JsonItems.Split(job.Items.Utf8);
        if (job.ExpiresAt < DateTimeOffset.UtcNow)
        {
            const string Why = "the job's deadline passed before it was started";
            log.LogInformation(EventActions.JobExpired, "not run: {FailureType}: {FailureMessage}, {Seconds:0.0} s ago", FailureTypes.Expired, Why, (DateTimeOffset.UtcNow - job.ExpiresAt.Value).TotalSeconds);
            await routes.ReplyAsync(job, Unrun(job, items.Count, FailureTypes.Expired, Why), stop.Token);
        }
        else if (delivery.EarlierDeliveries >= GiveUpAfter)
        {
            var crashed = Unrun(job, items.Count, FailureTypes.Crashed, $"handed out {delivery.EarlierDeliveries} times and never answered: it seems to end the process that runs it");
            await GiveUpAsync(job, items, 0, crashed, stop.Token);
        }
        else if (delivery.EarlierDeliveries >= SplitAfter && items.Count > 1)
        {
            log.LogWarning(EventActions.JobSplit, "handed out {Times} times and never answered: split into {Items} jobs", delivery.EarlierDeliveries, items.Count);
            await routes.SplitAsync(job, items, stop.Token);
        }
        else if (delivery.EarlierDeliveries > 0 && gate.IsClaimed)
        {
            // Whoever runs alone may end the process, and the broker would count that against every job that waits here.
            await gate.HandBackAsync(() => routes.SplitAsync(job, items, stop.Token));
        }
        else
        {
            using var place = await gate.EnterAsync(alone: delivery.EarlierDeliveries >= AloneAfter, stop.Token);
            await RunAsync(job, items, stop.Token);
        }
    }

    private async Task RunAsync(RunJob job, List<ReadOnlyMemory<byte>> items, CancellationToken cancellationToken)
    {
        var failed = 0;
        var sent = 0;
        runner.Began();
        try
        {
            log.LogDebug(EventActions.JobStarted, "started with {Items} items", items.Count);
            // Off the receiving thread: a handler that never yields must not hold up the deliveries behind it.
            await Task.Run(() => _execution.RunAsync(job, HandOnAsync, cancellationToken), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            log.LogInformation(EventActions.JobReturned, "given back: {Reason}", life.CancelJobs.IsCancellationRequested ? "this process stops" : "the connection is lost");
            throw;
        }
        finally
        {
            runner.Ended(items.Count, failed);
        }

        async Task HandOnAsync(JobCompleted outcomes)
        {
            failed += outcomes.Failures?.Count ?? 0;
            if (outcomes.Failures is null)
                await routes.ReplyAsync(job, outcomes, cancellationToken);
            else
                await GiveUpAsync(job, items, sent, outcomes, cancellationToken);
            sent += outcomes.Count;
            var milliseconds = (outcomes.FinishedAt - outcomes.StartedAt).TotalMilliseconds;
            log.LogInformation(EventActions.JobCompleted, "done in {Milliseconds:0.#} ms ({Items} items, {Failed} failed)", milliseconds, outcomes.Count, outcomes.Failures?.Count ?? 0);
        }
    }

    /// <summary>Lays the items that failed among the dead letters, then answers whoever waits.</summary>
    private async Task GiveUpAsync(RunJob job, List<ReadOnlyMemory<byte>> items, int offset, JobCompleted outcomes, CancellationToken cancellationToken)
    {
        var failures = outcomes.Failures!;
        foreach (var failure in failures)
        {
            using var stack = failure.StackTrace is null ? null : log.BeginScope(new Dictionary<string, object?> { ["FailureStack"] = failure.StackTrace });
            log.LogWarning(
                failure.Type == FailureTypes.TimedOut ? EventActions.JobTimedOut : EventActions.JobFailed,
                "item {Index} failed: {FailureType}: {FailureMessage}", outcomes.Indices[failure.Offset], failure.Type, failure.Message);
        }

        await routes.DeadLetterAsync(job, [.. failures.Select(failure => offset + failure.Offset)], items, failures, self, cancellationToken);
        await routes.ReplyAsync(job, outcomes, cancellationToken);
    }

    private RunJob? Read(Delivery delivery)
    {
        try
        {
            var job = JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.RunJob)!;
            JsonItems.Split(job.Items.Utf8);
            return job;
        }
        catch (JsonException e)
        {
            log.LogError(EventActions.JobDeadLettered, "a message on the queue of kind {Kind} cannot be read and is laid among the dead letters: {Reason}", runner.Kind, e.Message);
            return null;
        }
    }

    private JobCompleted Unrun(RunJob job, int count, string type, string message)
    {
        var now = DateTimeOffset.UtcNow;
        return new JobCompleted
        {
            JobId = job.JobId,
            Kind = job.Kind,
            BatchId = job.BatchId,
            Indices = job.Indices,
            Count = count,
            Attempt = job.Attempt,
            Values = new RawJson(System.Text.Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("null", count))}]")),
            Failures = [.. Enumerable.Range(0, count).Select(offset => new ItemFailure(offset, type, message, null, Retryable: false))],
            Worker = self,
            Concurrency = concurrency,
            StartedAt = now,
            FinishedAt = now,
        };
    }

    private static Dictionary<string, object?> Labels(RunJob job) => new()
    {
        ["JobId"] = job.JobId,
        ["BatchId"] = job.BatchId,
        ["Kind"] = job.Kind,
        ["Attempt"] = job.Attempt,
        ["ProducerPid"] = job.SubmittedBy.ProcessId,
    };
}
