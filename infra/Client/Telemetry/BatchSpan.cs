using System.Diagnostics;
using Broker.Contracts.Messages;
using Broker.Topology;

namespace Broker.Telemetry;

/// <summary>
/// The producer's span of one call: from before its first job is sent until its last outcome is there, or, where nobody waits, until the broker has
/// confirmed all. One a call and none a message, so that ten million items are one span here; consumers have one a job, with this as its parent.
/// </summary>
internal sealed class BatchSpan : IDisposable
{
    private readonly Activity? _activity;
    private readonly Lock _lock = new();
    private long _messages;
    private Guid _firstJob;

    private BatchSpan(Activity? activity, TraceContext context)
    {
        _activity = activity;
        Context = context;
    }

    /// <summary>What the call's jobs carry: this span's place, or where the caller is if nobody listens.</summary>
    public TraceContext Context { get; }

    public static BatchSpan Start(string kind, Guid batchId)
    {
        var caller = Activity.Current;
        if (!BrokerTelemetry.Source.HasListeners())
            return new BatchSpan(null, TraceContext.Of(caller));
        var tags = BrokerTelemetry.Operation("send", BrokerTelemetry.SentTo(kind));
        tags.Add("messaging.rabbitmq.destination.routing_key", kind);
        tags.Add("messaging.message.conversation_id", batchId.ToString());
        tags.Add(BrokerTelemetry.Kind, kind);
        var activity = BrokerTelemetry.Source.StartActivity(ActivityKind.Producer, tags: tags, name: $"send {Names.JobsQueue(kind)}");
        // Not current: a call is an iterator, which runs in pieces and in whatever context it is asked for its next outcome.
        if (activity is not null)
            Activity.Current = caller;
        return new BatchSpan(activity, TraceContext.Of(activity ?? caller));
    }

    /// <summary>A job was confirmed by the broker.</summary>
    public void Sent(Guid jobId)
    {
        if (_activity is null)
            return;
        lock (_lock)
        {
            _firstJob = _messages++ == 0 ? jobId : _firstJob;
        }
    }

    /// <summary>All that was to come has come.</summary>
    public void Complete(long items) => _activity?.SetTag("broker.items", items).SetStatus(ActivityStatusCode.Ok);

    /// <summary>Ends the span; one that is not complete has failed, been interrupted or passed its deadline.</summary>
    public void Dispose()
    {
        if (_activity is null)
            return;
        lock (_lock)
        {
            if (_messages == 1)
                _activity.SetTag("messaging.message.id", _firstJob.ToString());
            else
                _activity.SetTag("messaging.batch.message_count", _messages);
        }

        if (_activity.Status == ActivityStatusCode.Unset)
            _activity.SetTag(BrokerTelemetry.ErrorType, "incomplete").SetStatus(ActivityStatusCode.Error, "the call ended before it was complete");
        var around = Activity.Current;
        _activity.Stop();
        Activity.Current = around;
    }
}
