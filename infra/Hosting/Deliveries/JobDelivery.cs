using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Broker.Hosting.Running;
using Broker.Hosting.Telemetry;

namespace Broker.Hosting.Deliveries;

/// <summary>
/// One delivery in, one outcome out. Returning acknowledges the delivery, so it returns only when the outcome is confirmed by the broker;
/// throwing requeues the job.
/// </summary>
internal sealed class JobDelivery(HostedKind kind, JobExecution execution, OutcomeRoutes routes, ExclusiveGate gate, RunningJobs running, JobLog log)
{
    public async Task HandleAsync(Delivery delivery)
    {
        if (Read(delivery) is not var (job, items))
        {
            await routes.DeadLetterUnreadableAsync(kind.Kind, delivery.Body);
            JobMetrics.DeadLettered(kind.Kind, 1);
            return;
        }

        using var span = JobSpan.Start(job, items.Count, delivery.Redeliveries);
        using var scope = log.Enter(job);
        using var entry = running.Enter(job, delivery.ConnectionLost);
        log.Received(delivery.Redeliveries);
        var facts = new DeliveryFacts(delivery.Redeliveries, items.Count, job.ExpiresAt < DateTimeOffset.UtcNow, gate.IsClaimed);
        switch (DeliveryPolicy.Decide(facts))
        {
            case DeliveryDecision.Expire:
                var late = log.Expired(execution.Unrun(job, items.Count, FailureTypes.Expired, "the job's deadline passed before it was started"), job);
                await routes.ReplyAsync(job, late, entry.Token);
                span.Answered(late);
                break;
            case DeliveryDecision.GiveUp:
                var crashed = execution.Unrun(job, items.Count, FailureTypes.Crashed, $"redelivered {facts.Crashes} times and never answered: it seems to end the process that runs it");
                await FailAsync(job, items, 0, crashed, entry.Token);
                span.Answered(crashed);
                break;
            case DeliveryDecision.Split:
                log.Split(facts);
                await routes.SplitAsync(job, items, entry.Token);
                span.Replaced();
                break;
            case DeliveryDecision.Requeue:
                await gate.RequeueAsync(() => routes.SplitAsync(job, items, entry.Token));
                break;
            case var decision:
                await RunAsync(job, items, entry, span, alone: decision == DeliveryDecision.RunAlone);
                break;
        }
    }

    private async Task RunAsync(RunJob job, List<ReadOnlyMemory<byte>> items, RunningJob entry, JobSpan span, bool alone)
    {
        var (answered, failed) = (0, 0);
        try
        {
            using var place = await gate.EnterAsync(alone, entry.Token);
            log.Started(items.Count);
            // Off the receiving thread: a handler that never yields must not hold up the deliveries behind it.
            await Task.Run(() => execution.RunAsync(job, items, entry, AnswerAsync), entry.Token);
        }
        catch (OperationCanceledException) when (entry.Token.IsCancellationRequested)
        {
            log.Requeued(entry.Cause);
            span.Returned(entry.Cause.ToString());
            throw;
        }
        finally
        {
            kind.Finished(answered, failed);
        }

        async Task AnswerAsync(JobCompleted outcomes)
        {
            if (outcomes.Failures is null)
                await routes.ReplyAsync(job, outcomes, entry.Token);
            else
                await FailAsync(job, items, answered, outcomes, entry.Token);
            answered += outcomes.Count;
            failed += outcomes.Failures?.Count ?? 0;
            log.Completed(outcomes);
            span.Answered(outcomes);
        }
    }

    /// <summary>Dead-letters the items that failed, then answers whoever waits.</summary>
    /// <param name="first">The offset in the job of the first outcome.</param>
    private async Task FailAsync(RunJob job, List<ReadOnlyMemory<byte>> items, int first, JobCompleted outcomes, CancellationToken cancellationToken)
    {
        foreach (var failure in outcomes.Failures!)
            log.Failed(outcomes.Indices[failure.Offset], failure, RetryPolicy.Decide(failure));
        await routes.DeadLetterAsync(job, items, first, outcomes, cancellationToken);
        log.DeadLettered(outcomes);
        JobMetrics.DeadLettered(job.Kind, outcomes.Failures!.Count);
        await routes.ReplyAsync(job, outcomes, cancellationToken);
    }

    /// <summary>The job and its items; null for a message that any exception says cannot be read.</summary>
    private (RunJob Job, List<ReadOnlyMemory<byte>> Items)? Read(Delivery delivery)
    {
        try
        {
            var job = JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.RunJob) ?? throw new JsonException("the body is null");
            return (job, JsonItems.Split(job.Items.Utf8));
        }
        catch (Exception e)
        {
            log.Unreadable(kind.Kind, e);
            return null;
        }
    }
}
