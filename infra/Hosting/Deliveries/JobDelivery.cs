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
internal sealed class JobDelivery(HostedKind kind, JobExecution execution, OutcomeRoutes routes, ExclusiveGate gate, SuspectJobs suspects, RunningJobs running, LostJobs lost, CrashCount crashes, JobLog log)
{
    /// <summary>What a handler may take to notice that this process stops, before its job is requeued without it.</summary>
    private static readonly TimeSpan NoticeTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Before a job that failed for a reason of our own is requeued: it may come back at once.</summary>
    private static readonly TimeSpan FaultDelay = TimeSpan.FromSeconds(1);

    public async Task HandleAsync(Delivery delivery)
    {
        if (Read(delivery) is not { } body)
        {
            kind.Took();
            await routes.DeadLetterUnreadableAsync(kind.Kind, delivery.Body, delivery.ConnectionLost);
            JobMetrics.DeadLettered(kind.Kind, 1);
            return;
        }

        var job = body.Job;
        using var span = JobSpan.Start(job, body.Count, delivery.Redeliveries);
        using var scope = log.Enter(job, delivery.Redeliveries);
        using var entry = running.Enter(job, body.Count, delivery.ConnectionLost);
        kind.Took();
        log.Received(delivery.Redeliveries);
        try
        {
            await DecideAsync(new Work(job, body.Items, entry, span, delivery.ConnectionLost), delivery, body);
        }
        catch (OperationCanceledException) when (delivery.ConnectionLost.IsCancellationRequested)
        {
            entry.Cancel(CancellationCause.ConnectionLost);
            lost.Add(job);
            log.Requeued(entry.Cause);
            span.Returned(entry.Cause.ToString());
            throw;
        }
        catch (OperationCanceledException) when (entry.Token.IsCancellationRequested)
        {
            log.Requeued(entry.Cause);
            span.Returned(entry.Cause.ToString());
            await routes.ReturnAsync(job, delivery.Body, delivery.ConnectionLost);
        }
        catch (Exception e)
        {
            log.Faulted(e);
            await Task.Delay(FaultDelay, delivery.ConnectionLost);
            throw;
        }
    }

    /// <summary>Sends a job that came too late to its queue again, as it is: a requeue by the broker would count as a crash on most versions.</summary>
    public Task ReturnAsync(Delivery delivery) =>
        Read(delivery) is { } body ? routes.ReturnAsync(body.Job, delivery.Body, delivery.ConnectionLost) : HandleAsync(delivery);

    private async Task DecideAsync(Work work, Delivery delivery, JobBody body)
    {
        var (job, items, entry, span, connectionLost) = work;
        if (body.Fault is { } fault)
        {
            log.Unusable(fault);
            await routes.DeadLetterUnreadableAsync(kind.Kind, delivery.Body, connectionLost);
            JobMetrics.DeadLettered(kind.Kind, body.Count);
            await execution.RefuseAsync(job, body.Count, FailureTypes.DoesNotFit, fault, AnswerAsync);
            return;
        }

        var facts = new DeliveryFacts(crashes.Of(job, delivery.Redeliveries), job.Crashes ?? 0, items.Count, job.ExpiresAt < DateTimeOffset.UtcNow, gate.IsClaimed, delivery.IsAlone);
        var decision = DeliveryPolicy.Decide(facts);
        if (decision is DeliveryDecision.Quarantine or DeliveryDecision.GiveUp)
        {
            facts = facts with { Crashes = await crashes.AskAsync(job, delivery.Redeliveries, final: decision == DeliveryDecision.GiveUp, entry.Token) };
            decision = DeliveryPolicy.Decide(facts);
        }

        switch (decision)
        {
            case DeliveryDecision.Expire:
                const string Late = "the job's deadline passed before it was started";
                log.Expired(job, Late);
                await execution.RefuseAsync(job, items.Count, FailureTypes.Expired, Late, AnswerAsync);
                break;
            case DeliveryDecision.GiveUp:
                var done = 0;
                await execution.RefuseAsync(job, items.Count, FailureTypes.Crashed, $"{facts.AllCrashes} processes ended while they ran it, the last {facts.Crashes} of them while they ran nothing else", async outcomes =>
                {
                    span.Answered(await FailAsync(work, done, outcomes), outcomes.Failures);
                    done += outcomes.Count;
                });
                break;
            case DeliveryDecision.Split:
                log.Split(facts);
                await routes.SplitAsync(job, items, DeliveryPolicy.SuspectAfter, connectionLost);
                span.Replaced();
                break;
            case DeliveryDecision.Quarantine:
                log.Suspected(facts);
                await gate.SendOnAsync(() => routes.QuarantineAsync(job, (int)Math.Min(facts.AllCrashes, DeliveryPolicy.MostBesideOthers), connectionLost), entry.Token);
                suspects.Look();
                span.Replaced();
                break;
            case DeliveryDecision.Requeue:
                await gate.RequeueAsync(() => routes.ReturnAsync(job, delivery.Body, connectionLost));
                break;
            default:
                await RunAsync(work, alone: decision == DeliveryDecision.RunAlone);
                break;
        }

        async Task AnswerAsync(JobCompleted outcomes)
        {
            await routes.ReplyAsync(job, outcomes, connectionLost);
            span.Answered(outcomes, outcomes.Failures);
        }
    }

    private async Task RunAsync(Work work, bool alone)
    {
        var (job, items, entry, span, connectionLost) = work;
        var (done, answered, failed, answering) = (0, 0, 0, false);
        try
        {
            using var place = alone ? null : await gate.EnterAsync(entry.Token);
            log.Started(items.Count);
            // Off the receiving thread: a handler that never yields must not hold up the deliveries behind it.
            var execute = Task.Run(() => execution.RunAsync(job, items, entry, AnswerAsync), entry.Token);
            await entry.UntilNoticedAsync(execute, NoticeTimeout, () => answering);
        }
        finally
        {
            kind.Finished(answered, failed);
        }

        async Task AnswerAsync(JobCompleted outcomes)
        {
            answering = true;
            var answer = outcomes;
            if (outcomes.Failures is null)
                await routes.ReplyAsync(job, outcomes, connectionLost);
            else
                answer = await FailAsync(work, done, outcomes);
            answering = false;
            done += outcomes.Count;
            answered += answer?.Count ?? 0;
            failed += answer?.Failures?.Count ?? 0;
            log.Completed(outcomes);
            span.Answered(answer, outcomes.Failures);
        }
    }

    /// <summary>Has items that failed run again later, dead-letters those for which that is of no use, and answers whoever waits.</summary>
    /// <param name="work">What ran.</param>
    /// <param name="first">The offset in the job of the first outcome.</param>
    /// <param name="outcomes">Some of them failures.</param>
    /// <returns>What was answered; null where all items are run again.</returns>
    private async Task<JobCompleted?> FailAsync(Work work, int first, JobCompleted outcomes)
    {
        var (job, items, _, _, connectionLost) = work;
        var plan = RetryPlan.Of(job, items, first, outcomes, DateTimeOffset.UtcNow, Random.Shared.NextDouble());
        foreach (var (failure, verdict) in outcomes.Failures!.Zip(plan.Verdicts))
            log.Failed(job, outcomes.Indices[failure.Offset], failure, verdict);
        await Task.WhenAll(plan.Retries.Select(retry => routes.RetryAsync(retry, connectionLost)));
        JobMetrics.Retried(job.Kind, plan.Retries.Sum(retry => retry.Count));
        if (plan.Dead.Count > 0)
        {
            await routes.DeadLetterAsync(job, items, plan.Dead, connectionLost);
            log.DeadLettered(job, plan.Dead.Count);
            JobMetrics.DeadLettered(job.Kind, plan.Dead.Count);
        }

        if (plan.Answer is not null)
            await routes.ReplyAsync(job, plan.Answer, connectionLost);
        return plan.Answer;
    }

    /// <summary>The job; null for a message that any exception says cannot be read.</summary>
    private JobBody? Read(Delivery delivery)
    {
        try
        {
            return JobBody.Read(delivery.Body);
        }
        catch (Exception e)
        {
            log.Unreadable(kind.Kind, e);
            return null;
        }
    }

    /// <param name="Job">The job.</param>
    /// <param name="Items">Its items.</param>
    /// <param name="Entry">Its place in the registry of what runs.</param>
    /// <param name="Span">Its span.</param>
    /// <param name="ConnectionLost">What is done then cannot be acknowledged any more; nothing else ends the sending of an outcome.</param>
    private sealed record Work(RunJob Job, IReadOnlyList<ReadOnlyMemory<byte>> Items, RunningJob Entry, JobSpan Span, CancellationToken ConnectionLost);
}
