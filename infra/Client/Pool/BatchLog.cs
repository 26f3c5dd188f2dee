using Broker.Contracts.Messages;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>What the log tells of a batch and its jobs on the producer's side, in the trace that they are in.</summary>
internal sealed class BatchLog(ILogger log)
{
    public void Begins(RunJob template)
    {
        using var trace = JobTrace.Enter(template);
        log.LogInformation(EventActions.BatchSubmitted, "batch {BatchId} of kind {Kind} begins", template.BatchId, template.Kind);
    }

    public void Submitted(RunJob job, int bytes)
    {
        // One a job: what is not logged must not cost either.
        if (!log.IsEnabled(LogLevel.Information))
            return;
        using var trace = JobTrace.Enter(job);
        log.LogInformation(EventActions.JobSubmitted, "job {JobId} of batch {BatchId}, kind {Kind}, submitted: items from {Index} on in {Bytes} bytes", job.JobId, job.BatchId, job.Kind, job.Indices[0], bytes);
    }

    public void Answered(JobCompleted completed)
    {
        if (log.IsEnabled(LogLevel.Debug))
            log.LogDebug(EventActions.JobAnswered, "job {JobId} of batch {BatchId}, kind {Kind}, answered: {Items} items by pid {WorkerPid} on {WorkerHost}", completed.JobId, completed.BatchId, completed.Kind, completed.Count, completed.Worker.ProcessId, completed.Worker.Host);
    }

    public void Published(RunJob template, long items) =>
        log.LogInformation(EventActions.BatchFinished, "batch {BatchId} of {Items} items of kind {Kind} is published", template.BatchId, items, template.Kind);

    public void Ends(RunJob template, long answered, bool complete)
    {
        using var trace = JobTrace.Enter(template);
        if (complete)
            log.LogInformation(EventActions.BatchFinished, "batch {BatchId} of kind {Kind} is complete: {Items} items", template.BatchId, template.Kind, answered);
        else
            log.LogInformation(EventActions.BatchCancelled, "batch {BatchId} of kind {Kind} ended with {Items} items answered: interrupted, failed or past its deadline", template.BatchId, template.Kind, answered);
    }
}
