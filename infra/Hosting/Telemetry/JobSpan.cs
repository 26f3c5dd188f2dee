using System.Diagnostics;
using Broker.Contracts.Messages;
using Broker.Telemetry;
using Broker.Topology;

namespace Broker.Hosting.Telemetry;

/// <summary>
/// The consumer's span and measurements of one delivery of a job; disposal ends it. Where no listener takes the span, it still is the job's place in the
/// trace for the log.
/// </summary>
internal sealed class JobSpan : IDisposable
{
    /// <summary>The <c>error.type</c> of a job that went back to its queue without an outcome.</summary>
    private const string Requeued = "requeued";

    private readonly Activity _activity;
    private readonly string _kind;
    private readonly long _begun;
    private string? _error = Requeued;
    private string? _reason;

    private JobSpan(Activity activity, string kind, long begun)
    {
        _activity = activity;
        _kind = kind;
        _begun = begun;
    }

    public static JobSpan Start(RunJob job, int items, long earlierDeliveries)
    {
        JobMetrics.Received(job.Kind, earlierDeliveries);
        return new JobSpan(Listened(job, items, earlierDeliveries) ?? JobTrace.Enter(job), job.Kind, JobMetrics.Begin());
    }

    /// <summary>Items have run: all, or a part.</summary>
    /// <param name="answer">The outcomes that were sent; null where there are none.</param>
    /// <param name="failures">Those of this attempt, also those that are tried again.</param>
    public void Answered(JobCompleted? answer, IReadOnlyList<ItemFailure>? failures)
    {
        if (answer is not null)
            JobMetrics.Answered(_kind, answer.Count - (answer.Failures?.Count ?? 0));
        foreach (var failure in answer?.Failures ?? [])
            JobMetrics.Failed(_kind, failure.Type);
        if (_error == Requeued)
            _error = null;
        if (failures is { Count: > 0 } && _error is null)
            (_error, _reason) = (failures[0].Type, failures[0].Message);
    }

    /// <summary>The job goes on as others that were sent instead of it.</summary>
    public void Replaced() => _error = null;

    /// <summary>The job goes back to its queue; parts that are answered already do not make it a success.</summary>
    public void Returned(string reason) => (_error, _reason) = (Requeued, reason);

    public void Dispose()
    {
        if (_error is not null && _activity.IsAllDataRequested)
            _activity.SetTag(BrokerTelemetry.ErrorType, _error).SetStatus(ActivityStatusCode.Error, _reason);
        _activity.Dispose();
        JobMetrics.Ended(_kind, _begun, _error);
    }

    private static Activity? Listened(RunJob job, int items, long earlierDeliveries)
    {
        var source = BrokerTelemetry.Source;
        if (!source.HasListeners())
            return null;
        var tags = BrokerTelemetry.Operation("process", BrokerTelemetry.ReceivedFrom(job.Kind));
        tags.Add("messaging.rabbitmq.destination.routing_key", job.Kind);
        tags.Add("messaging.message.id", job.JobId.ToString());
        tags.Add("messaging.message.conversation_id", job.BatchId.ToString());
        tags.Add(BrokerTelemetry.Kind, job.Kind);
        tags.Add("broker.items", items);
        tags.Add("broker.attempt", job.Attempt);
        tags.Add("broker.redelivered", earlierDeliveries);
        var parent = TraceContext.Of(job);
        // A job that was sent from no trace begins one. Without this it would hang below whatever was current when this consumer was started.
        var around = Activity.Current;
        if (parent == default)
            Activity.Current = null;
        var activity = source.StartActivity(ActivityKind.Consumer, parent, tags, name: $"process {Names.JobsQueue(job.Kind)}");
        if (activity is null)
            Activity.Current = around;
        else
            TraceContext.AddBaggage(activity, job);
        return activity;
    }
}
