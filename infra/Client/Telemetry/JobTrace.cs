using System.Diagnostics;
using Broker.Contracts.Messages;

namespace Broker.Telemetry;

/// <summary>
/// A job's place in a trace, for <c>trace.id</c> and <c>span.id</c> of whatever is logged meanwhile. The trace is the submitting program's, by the
/// W3C's <c>traceparent</c>; a program that traces nothing gets the batch as its trace, so that its events are found by one id all the same.
/// </summary>
internal static class JobTrace
{
    /// <summary>Enters the job's trace with an activity that no listener sees; disposal ends it.</summary>
    public static Activity Enter(RunJob job)
    {
        var activity = new Activity("job");
        if (TraceContext.Of(job) is { } context && context != default)
        {
            activity.SetParentId(context.TraceId, context.SpanId, context.TraceFlags);
            activity.TraceStateString = context.TraceState;
        }
        else
        {
            Span<byte> bytes = stackalloc byte[16];
            job.BatchId.TryWriteBytes(bytes, bigEndian: true, out _);
            activity.SetParentId(ActivityTraceId.CreateFromBytes(bytes), ActivitySpanId.CreateFromBytes(bytes[8..]));
        }

        TraceContext.AddBaggage(activity, job);
        return activity.Start();
    }
}
