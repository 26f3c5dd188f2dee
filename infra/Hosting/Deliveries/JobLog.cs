using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Deliveries;

/// <summary>What a consumer logs of a job: its steps at debug, trouble at warning.</summary>
/// <param name="jobs">The category of the one line per job that programs keep.</param>
/// <param name="log">For the steps in between.</param>
internal sealed class JobLog(ILogger jobs, ILogger log)
{
    public static JobLog Of(ILoggerFactory logs) => new(logs.CreateLogger(LogCategories.Jobs), logs.CreateLogger<JobDelivery>());

    /// <summary>Every event up to its disposal carries the job's labels.</summary>
    public IDisposable? Enter(RunJob job, long redeliveries) => jobs.BeginScope(new JobLabels(job, redeliveries));

    // Asked first: the arguments alone are allocations for every job.
    public void Received(long earlier)
    {
        if (log.IsEnabled(LogLevel.Debug))
            log.LogDebug(EventActions.JobReceived, "received, redelivered {Times} times", earlier);
    }

    public void Started(int items)
    {
        if (log.IsEnabled(LogLevel.Debug))
            log.LogDebug(EventActions.JobStarted, "started with {Items} items", items);
    }

    public void Completed(JobCompleted outcomes)
    {
        if (jobs.IsEnabled(LogLevel.Debug))
            jobs.LogDebug(EventActions.JobCompleted, "done in {Milliseconds:0.#} ms ({Items} items, {Failed} failed)", (outcomes.FinishedAt - outcomes.StartedAt).TotalMilliseconds, outcomes.Count, outcomes.Failures?.Count ?? 0);
    }

    public void Failed(RunJob job, long index, ItemFailure failure, in RetryVerdict verdict)
    {
        if (verdict.Decision == RetryDecision.Drop)
            return;
        using var stack = failure.StackTrace is null ? null : jobs.BeginScope(new Dictionary<string, object?> { ["FailureStack"] = failure.StackTrace });
        jobs.LogWarning(
            verdict.Decision == RetryDecision.Retry ? EventActions.JobRetried : failure.Type == FailureTypes.TimedOut ? EventActions.JobTimedOut : EventActions.JobFailed,
            "item {Index} failed: {FailureType}: {FailureMessage}{FailureCauses} ({Decision})",
            index,
            failure.Type,
            failure.Message,
            string.Concat((failure.Causes ?? []).Select(cause => $"; caused by {cause.Type}: {cause.Message}")),
            verdict.Decision switch
            {
                RetryDecision.Retry => $"attempt {job.Attempt} of {job.MaxAttempts}, again in {verdict.Delay.TotalSeconds:0} s",
                RetryDecision.DeadLetterAsFinal => "not retryable",
                RetryDecision.DeadLetterAsExpiring => "its deadline comes before another attempt",
                _ => job.MaxAttempts > 1 ? $"last attempt of {job.MaxAttempts}" : "last attempt",
            });
    }

    public void DeadLettered(RunJob job, int items) =>
        jobs.LogWarning(EventActions.JobDeadLettered, "{Items} items of kind {Kind} were dead-lettered", items, job.Kind);

    public void Cancelled(int items)
    {
        if (jobs.IsEnabled(LogLevel.Debug))
            jobs.LogDebug(EventActions.JobCancelled, "cancelled: {Items} items were not run, or not to their end", items);
    }

    public void Expired(RunJob job, string reason) =>
        jobs.LogDebug(EventActions.JobExpired, "not run: {FailureType}: {FailureMessage}, {Seconds:0.0} s ago", FailureTypes.Expired, reason, (DateTimeOffset.UtcNow - job.ExpiresAt!.Value).TotalSeconds);

    public void Split(in DeliveryFacts facts) =>
        jobs.LogWarning(EventActions.JobSplit, "{Times} processes ended while they held it: split into {Items} jobs", facts.AllCrashes, facts.Items);

    public void Suspected(in DeliveryFacts facts) =>
        jobs.LogWarning(EventActions.JobSuspected, "{Times} processes ended while they held it: it is run alone from now on", facts.AllCrashes);

    public void Requeued(CancellationCause cause) => jobs.LogInformation(
        EventActions.JobReturned,
        "requeued: {Reason}",
        cause switch
        {
            CancellationCause.Shutdown => "this process stops",
            CancellationCause.ConnectionLost => "the connection is lost",
            _ => "it was cancelled",
        });

    public void Faulted(Exception error) => log.LogError(error, "the job is requeued: {Reason}", error.Message);

    public void Unusable(string reason) => jobs.LogError(EventActions.JobDeadLettered, "not run and dead-lettered: {Reason}", reason);

    public void Unreadable(string kind, Exception error) =>
        jobs.LogError(EventActions.JobDeadLettered, "a message on the queue of kind {Kind} cannot be read and is dead-lettered: {Reason}", kind, error.Message);
}
