using System.Diagnostics;
using Broker.Contracts.Messages;

namespace Broker.Telemetry;

/// <summary>
/// A job's place in a trace, for <c>trace.id</c> and <c>span.id</c> of whatever is logged meanwhile. The trace is the submitting program's, by the
/// W3C's <c>traceparent</c>; a program that traces nothing gets the batch as its trace, so that its events are found by one id all the same.
/// </summary>
internal static class JobTrace
{
    /// <summary>The caller's own place in a trace, as it travels with a job; null where it has none.</summary>
    public static string? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>Begins a span of the job; disposal ends it.</summary>
    public static Activity Enter(RunJob job)
    {
        var span = new Activity("job");
        if (job.TraceParent is { } parent && ActivityContext.TryParse(parent, null, out var context))
        {
            span.SetParentId(context.TraceId, context.SpanId, context.TraceFlags);
        }
        else
        {
            Span<byte> bytes = stackalloc byte[16];
            job.BatchId.TryWriteBytes(bytes, bigEndian: true, out _);
            span.SetParentId(ActivityTraceId.CreateFromBytes(bytes), ActivitySpanId.CreateFromBytes(bytes[8..]));
        }

        return span.Start();
    }
}
