using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;

namespace Broker.Hosting.Deliveries;

/// <summary>A job that is to be run after a delay.</summary>
/// <param name="Delay">Whole seconds.</param>
/// <param name="Job">With only the items that are tried again, each under its own index.</param>
/// <param name="Count">How many these are.</param>
internal sealed record DelayedJob(TimeSpan Delay, RunJob Job, int Count)
{
    /// <summary>What its caller is told.</summary>
    public JobDelayed Notice() => new() { BatchId = Job.BatchId, Indices = Job.Indices, Count = Count, Delay = Delay };
}

/// <summary>What becomes of outcomes of which some are failures.</summary>
/// <param name="Verdicts">One a failure.</param>
/// <param name="Answer">The outcomes that are final; null where there are none.</param>
/// <param name="Dead">The failures that are dead-lettered, by their offset in the job.</param>
/// <param name="Retries">What is tried again, a job for each delay.</param>
internal sealed record RetryPlan(
    IReadOnlyList<RetryVerdict> Verdicts, JobCompleted? Answer, IReadOnlyList<(int Offset, ItemFailure Failure)> Dead, IReadOnlyList<DelayedJob> Retries)
{
    /// <param name="job">What ran.</param>
    /// <param name="items">All its items.</param>
    /// <param name="first">The offset in the job of the first outcome.</param>
    /// <param name="outcomes">Some of them failures.</param>
    /// <param name="now">The time.</param>
    /// <param name="jitter">A random number from 0 to 1: what failed in one chunk comes back in one.</param>
    public static RetryPlan Of(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, int first, JobCompleted outcomes, DateTimeOffset now, double jitter)
    {
        var judged = outcomes.Failures!.Select(failure => (Failure: failure, Verdict: RetryPolicy.Decide(new RetryFacts(
            failure.Type == FailureTypes.Cancelled, failure.Retryable, job.Attempt, job.MaxAttempts, failure.RetryAfter, job.RetryDelay, jitter, job.ExpiresAt - now)))).ToList();
        var retried = judged.Where(one => one.Verdict.Decision == RetryDecision.Retry).ToLookup(one => one.Verdict.Delay, one => one.Failure.Offset);
        return new RetryPlan(
            [.. judged.Select(one => one.Verdict)],
            retried.Count == 0 ? outcomes : Without(outcomes, retried.SelectMany(offsets => offsets).ToHashSet()),
            [.. judged.Where(one => one.Verdict.Decision is not (RetryDecision.Retry or RetryDecision.Drop)).Select(one => (first + one.Failure.Offset, one.Failure))],
            [.. retried.Select(offsets => new DelayedJob(offsets.Key, Again(job, items, [.. offsets.Select(offset => first + offset)], outcomes), offsets.Count()))]);
    }

    private static RunJob Again(RunJob job, IReadOnlyList<ReadOnlyMemory<byte>> items, IReadOnlyList<int> offsets, JobCompleted outcomes) => job with
    {
        Items = new RawJson(JsonItems.Join(offsets.Select(offset => items[offset]))),
        Indices = job.Indices.At(offsets),
        Attempt = job.Attempt + 1,
        // It failed, so it did not end its process.
        Crashes = null,
        EarlierAttempts = [.. job.EarlierAttempts ?? [], new JobAttempt(outcomes.Worker, outcomes.StartedAt, outcomes.FinishedAt)],
    };

    private static JobCompleted? Without(JobCompleted outcomes, HashSet<int> retried)
    {
        var kept = Enumerable.Range(0, outcomes.Count).Where(offset => !retried.Contains(offset)).ToList();
        if (kept.Count == 0)
            return null;
        var values = JsonItems.Split(outcomes.Values.Utf8);
        var failures = outcomes.Failures!.Where(failure => !retried.Contains(failure.Offset)).Select(failure => failure with { Offset = kept.BinarySearch(failure.Offset) }).ToList();
        return outcomes with
        {
            Indices = outcomes.Indices.At(kept),
            Count = kept.Count,
            Values = new RawJson(JsonItems.Join(kept.Select(offset => values[offset]))),
            Failures = failures.Count == 0 ? null : failures,
        };
    }
}
