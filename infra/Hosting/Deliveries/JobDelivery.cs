using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Broker.Hosting.Health;
using Broker.Hosting.Running;
using Broker.Hosting.Telemetry;

namespace Broker.Hosting.Deliveries;

/// <summary>
/// One delivery in, one outcome out. Returning acknowledges the delivery, so it returns only when the outcome is confirmed by the broker;
/// throwing requeues the job.
/// </summary>
internal sealed class JobDelivery(
    HostedKind kind,
    JobExecution execution,
    JobAnswers answers,
    OutcomeRoutes routes,
    ExclusiveGate gate,
    SuspectJobs suspects,
    RunningJobs running,
    LostJobs lost,
    CrashCount crashes,
    JobLog log)
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
            await EndAsync(new JobWork(job, body.Items, entry, span, delivery.ConnectionLost), delivery, body);
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

    private async Task EndAsync(JobWork work, Delivery delivery, JobBody body)
    {
        try
        {
            await DecideAsync(work, delivery, body);
        }
        catch (OperationCanceledException) when (work.Entry.Cause == CancellationCause.Cancelled && !work.ConnectionLost.IsCancellationRequested)
        {
            // While it waited for its turn: what is cancelled as it runs is answered by its execution.
            await answers.CancelAsync(work, execution);
        }
    }

    private async Task DecideAsync(JobWork work, Delivery delivery, JobBody body)
    {
        var (job, items, entry, span, connectionLost) = work;
        if (body.Fault is { } fault)
        {
            log.Unusable(fault);
            await routes.DeadLetterUnreadableAsync(kind.Kind, delivery.Body, connectionLost);
            JobMetrics.DeadLettered(kind.Kind, body.Count);
            await execution.RefuseAsync(job, body.Count, FailureTypes.DoesNotFit, fault, outcomes => answers.ReplyAsync(work, outcomes));
            return;
        }

        var facts = new DeliveryFacts(
            crashes.Of(job, delivery.Redeliveries), job.Crashes ?? 0, items.Count, answers.AreUnwanted(job), job.ExpiresAt < DateTimeOffset.UtcNow, gate.IsClaimed, delivery.IsAlone);
        var decision = DeliveryPolicy.Decide(facts);
        if (decision is DeliveryDecision.Quarantine or DeliveryDecision.GiveUp)
        {
            facts = facts with { Crashes = await crashes.AskAsync(job, delivery.Redeliveries, final: decision == DeliveryDecision.GiveUp, entry.Token) };
            decision = DeliveryPolicy.Decide(facts);
        }

        switch (decision)
        {
            case DeliveryDecision.Cancel:
                await answers.CancelAsync(work, execution);
                break;
            case DeliveryDecision.Expire:
                const string Late = "the job's deadline passed before it was started";
                log.Expired(job, Late);
                await execution.RefuseAsync(job, items.Count, FailureTypes.Expired, Late, outcomes => answers.ReplyAsync(work, outcomes));
                break;
            case DeliveryDecision.GiveUp:
                var done = 0;
                await execution.RefuseAsync(job, items.Count, FailureTypes.Crashed, $"{facts.AllCrashes} processes ended while they ran it, the last {facts.Crashes} of them while they ran nothing else", async outcomes =>
                {
                    await answers.GiveAsync(work, done, outcomes);
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
    }

    private async Task RunAsync(JobWork work, bool alone)
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
            var answer = await answers.GiveAsync(work, done, outcomes);
            answering = false;
            done += outcomes.Count;
            var cancelled = answer?.Failures?.Count(static failure => failure.Type == FailureTypes.Cancelled) ?? 0;
            answered += (answer?.Count ?? 0) - cancelled;
            failed += (answer?.Failures?.Count ?? 0) - cancelled;
            log.Completed(outcomes);
        }
    }

    /// <summary>The job; null for a message that any exception says cannot be read, but that of a process without memory, which says nothing of the message.</summary>
    private JobBody? Read(Delivery delivery)
    {
        try
        {
            return JobBody.Read(delivery.Body);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            log.Unreadable(kind.Kind, e);
            return null;
        }
    }
}
