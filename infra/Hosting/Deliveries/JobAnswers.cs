using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Broker.Hosting.Health;
using Broker.Hosting.Running;
using Broker.Hosting.Telemetry;

namespace Broker.Hosting.Deliveries;

/// <summary>A delivery that can be read.</summary>
/// <param name="Job">The job.</param>
/// <param name="Items">Its items.</param>
/// <param name="Entry">Its place in the registry of what runs.</param>
/// <param name="Span">Its span.</param>
/// <param name="ConnectionLost">What is done then cannot be acknowledged any more; nothing else ends the sending of an outcome.</param>
internal sealed record JobWork(RunJob Job, IReadOnlyList<ReadOnlyMemory<byte>> Items, RunningJob Entry, JobSpan Span, CancellationToken ConnectionLost);

/// <summary>What becomes of a job's outcomes: told to whoever waits, run again later, dead-lettered, or nothing where nobody wants them any more.</summary>
internal sealed class JobAnswers(OutcomeRoutes routes, CancelledJobs cancelled, CallerWatch callers, JobLog log)
{
    /// <summary>Answers to cancelled jobs whose confirmation is not waited for.</summary>
    private const int MaxUnconfirmed = 1000;

    private int _unconfirmed;

    /// <summary>Whether nobody wants the outcomes of a job any more.</summary>
    public bool AreUnwanted(RunJob job) => cancelled.Contains(job) || callers.IsGone(job.ReplyTo);

    /// <summary>Has items that failed run again later, dead-letters those for which that is of no use, and tells the other outcomes.</summary>
    /// <param name="work">What ran.</param>
    /// <param name="first">The offset in the job of the first outcome.</param>
    /// <param name="outcomes">All, or a part.</param>
    /// <returns>What was told; null where all items are run again.</returns>
    public async Task<JobCompleted?> GiveAsync(JobWork work, int first, JobCompleted outcomes)
    {
        var answer = outcomes.Failures is null ? outcomes : await FailAsync(work, first, outcomes);
        if (answer is not null)
            await SendAsync(work, answer);
        work.Span.Answered(answer, outcomes.Failures);
        return answer;
    }

    /// <summary>Tells outcomes as they are.</summary>
    public async Task ReplyAsync(JobWork work, JobCompleted outcomes)
    {
        await SendAsync(work, outcomes);
        work.Span.Answered(outcomes, outcomes.Failures);
    }

    /// <summary>
    /// Answers a job that is not run because nobody wants it. Up to a bound the answer's confirmation is not waited for, so that a long queue is gone in a moment: an
    /// answer that is lost is missed by its caller, which sends the job again and has its answer then.
    /// </summary>
    public async Task CancelAsync(JobWork work, JobExecution execution)
    {
        log.Cancelled(work.Items.Count);
        work.Span.Replaced();
        if (Interlocked.Increment(ref _unconfirmed) > MaxUnconfirmed)
            await AnswerAsync(work.ConnectionLost);
        else
            _ = AnswerAsync(CancellationToken.None);

        async Task AnswerAsync(CancellationToken end)
        {
            try
            {
                await execution.RefuseAsync(work.Job, work.Items.Count, FailureTypes.Cancelled, "cancelled before it was started", outcomes => ReplyAsync(work with { ConnectionLost = end }, outcomes));
            }
            finally
            {
                Interlocked.Decrement(ref _unconfirmed);
            }
        }
    }

    private async Task<JobCompleted?> FailAsync(JobWork work, int first, JobCompleted outcomes)
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

        return plan.Answer;
    }

    /// <summary>Not to a caller for whose absence a job was cancelled: should it come back, it is to find its job missing and to send it again.</summary>
    private Task SendAsync(JobWork work, JobCompleted outcomes) =>
        outcomes.Failures is { } failures && failures.Any(static failure => failure.Type == FailureTypes.Cancelled) && callers.IsGone(work.Job.ReplyTo)
            ? Task.CompletedTask
            : routes.ReplyAsync(work.Job, outcomes, work.ConnectionLost);
}
