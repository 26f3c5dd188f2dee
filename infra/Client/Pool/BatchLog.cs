using Broker.Contracts.Messages;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>
/// Logs a batch and its jobs on the producer's side, in the trace that they are in. At debug, as a library does for each job, and under a
/// category of its own, so that a program can have these lines without other ones.
/// </summary>
internal sealed class BatchLog(ILoggerFactory logs)
{
    /// <summary>For whatever else is told of single jobs.</summary>
    public ILogger Log { get; } = logs.CreateLogger(LogCategories.Jobs);

    public void Begins(RunJob template)
    {
        if (!Log.IsEnabled(LogLevel.Debug))
            return;
        using var trace = JobTrace.Enter(template);
        Log.LogDebug(EventActions.BatchSubmitted, "batch {BatchId} of kind {Kind} begins", template.BatchId, template.Kind);
    }

    public void Submitted(RunJob job, int bytes)
    {
        // Once per job: what is not logged must not cost either.
        if (!Log.IsEnabled(LogLevel.Debug))
            return;
        using var trace = JobTrace.Enter(job);
        Log.LogDebug(EventActions.JobSubmitted, "job {JobId} of batch {BatchId}, kind {Kind}, submitted: items from {Index} on in {Bytes} bytes", job.JobId, job.BatchId, job.Kind, job.Indices[0], bytes);
    }

    public void Answered(JobCompleted completed)
    {
        if (Log.IsEnabled(LogLevel.Debug))
            Log.LogDebug(EventActions.JobAnswered, "job {JobId} of batch {BatchId}, kind {Kind}, answered: {Items} items by pid {WorkerPid} on {WorkerHost}", completed.JobId, completed.BatchId, completed.Kind, completed.Count, completed.Worker.ProcessId, completed.Worker.Host);
    }

    public void Published(RunJob template, long items) =>
        Log.LogDebug(EventActions.BatchFinished, "batch {BatchId} of {Items} items of kind {Kind} is published", template.BatchId, items, template.Kind);

    /// <param name="template">What its jobs have in common.</param>
    /// <param name="answered">How many items are answered.</param>
    /// <param name="complete">Whether these are all.</param>
    /// <param name="left">Whether its caller wanted no more of them.</param>
    public void Ends(RunJob template, long answered, bool complete, bool left)
    {
        if (!Log.IsEnabled(LogLevel.Debug))
            return;
        using var trace = JobTrace.Enter(template);
        if (complete)
            Log.LogDebug(EventActions.BatchFinished, "batch {BatchId} of kind {Kind} is complete: {Items} items", template.BatchId, template.Kind, answered);
        else if (left)
            Log.LogDebug(EventActions.BatchFinished, "batch {BatchId} of kind {Kind} was left by its caller with {Items} items answered", template.BatchId, template.Kind, answered);
        else
            Log.LogDebug(EventActions.BatchCancelled, "batch {BatchId} of kind {Kind} ended with {Items} items answered: interrupted, failed or past its deadline", template.BatchId, template.Kind, answered);
    }
}
