using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Telemetry;
using Broker.Telemetry;

namespace Broker.Tests.Unit.Telemetry;

/// <summary>One class, because a listener hears the whole process: what holds without one must not run beside what holds with one.</summary>
public sealed class When_a_job_is_traced : IDisposable
{
    private readonly List<IDisposable> _ends = [];
    private readonly List<Activity> _stopped = [];

    public void Dispose()
    {
        _ends.ForEach(end => end.Dispose());
        Activity.Current = null;
    }

    [Fact]
    public void Its_span_is_a_child_of_the_producers_which_is_a_child_of_the_callers()
    {
        Listen();
        var caller = Caller();
        var job = Send(out var batch);
        using (var span = JobSpan.Start(job, items: 3, earlierDeliveries: 2))
            span.Answered(Outcomes(job), failures: null);
        batch.Sent(job.JobId);
        batch.Complete(3);
        batch.Dispose();
        var (processed, sent) = (Of(ActivityKind.Consumer), Of(ActivityKind.Producer));
        Assert.Equal((caller.TraceId, caller.SpanId), (sent.TraceId, sent.ParentSpanId));
        Assert.Equal((caller.TraceId, sent.SpanId, true), (processed.TraceId, processed.ParentSpanId, processed.HasRemoteParent));
        Assert.Equal(("send broker.jobs.pair", "process broker.jobs.pair"), (sent.DisplayName, processed.DisplayName));
        Assert.Equal((ActivityStatusCode.Ok, ActivityStatusCode.Unset), (sent.Status, processed.Status));
        Assert.Equal(
            ("rabbitmq", "send", "send", "broker.jobs:pair", job.JobId.ToString(), job.BatchId.ToString()),
            (sent.Tag("messaging.system"), sent.Tag("messaging.operation.name"), sent.Tag("messaging.operation.type"), sent.Tag("messaging.destination.name"), sent.Tag("messaging.message.id"), sent.Tag("messaging.message.conversation_id")));
        Assert.Equal(
            ("rabbitmq", "process", "process", "broker.jobs:pair:broker.jobs.pair", job.JobId.ToString(), job.BatchId.ToString()),
            (processed.Tag("messaging.system"), processed.Tag("messaging.operation.name"), processed.Tag("messaging.operation.type"), processed.Tag("messaging.destination.name"), processed.Tag("messaging.message.id"), processed.Tag("messaging.message.conversation_id")));
        Assert.Equal(("pair", 3, 2L), (processed.Tag("broker.kind"), processed.Tag("broker.items"), processed.Tag("broker.redelivered")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tracestate_and_baggage_come_with_it_and_the_callers_context_stays(bool listened)
    {
        if (listened)
            Listen();
        var caller = Caller();
        caller.TraceStateString = "vendor=1";
        caller.AddBaggage("tenant", "a,b=c d");
        var job = Send(out var batch);
        Assert.Same(caller, Activity.Current);
        batch.Dispose();
        Assert.Same(caller, Activity.Current);
        Activity.Current = null;
        using (JobSpan.Start(job, 1, 0))
        {
            Assert.Equal((caller.TraceId, "vendor=1", "a,b=c d"), (Activity.Current!.TraceId, Activity.Current.TraceStateString, Activity.Current.GetBaggageItem("tenant")));
            Assert.Equal(listened, Activity.Current.Source.Name == "Broker");
        }

        Assert.Null(Activity.Current);
    }

    [Fact]
    public void Without_a_listener_and_a_trace_its_trace_is_the_batch()
    {
        var job = Send(out var batch);
        batch.Dispose();
        Assert.Null(job.TraceParent);
        using (JobSpan.Start(job, 1, 0))
            Assert.Equal(job.BatchId.ToString("N"), Activity.Current!.TraceId.ToHexString());
        using (JobTrace.Enter(job))
            Assert.Equal(job.BatchId.ToString("N"), Activity.Current!.TraceId.ToHexString());
    }

    [Fact]
    public void A_job_from_no_trace_begins_one_whatever_is_current_in_the_consumer()
    {
        var job = Send(out _);
        Listen();
        var around = Caller();
        using (JobSpan.Start(job, 1, 0))
            Assert.Equal((default, false), (Activity.Current!.ParentSpanId, Activity.Current.TraceId == around.TraceId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failed_item_is_the_spans_error_also_where_it_is_run_again(bool answered)
    {
        var failure = new ItemFailure(1, "Acme.TooLarge", "7 is too large", null, Retryable: !answered);
        Listen();
        var job = Send(out _);
        using (var span = JobSpan.Start(job, 2, 0))
            span.Answered(answered ? Outcomes(job, failure) : null, [failure]);
        var ended = Of(ActivityKind.Consumer);
        Assert.Equal((ActivityStatusCode.Error, "7 is too large", "Acme.TooLarge"), (ended.Status, ended.StatusDescription, ended.Tag("error.type")));
    }

    [Fact]
    public void A_job_that_went_back_to_its_queue_is_requeued_though_a_part_was_answered()
    {
        Listen();
        var job = Send(out _);
        using (var span = JobSpan.Start(job, 2, 0))
        {
            span.Answered(Outcomes(job), failures: null);
            span.Returned("Shutdown");
        }

        Assert.Equal((ActivityStatusCode.Error, "requeued"), (Of(ActivityKind.Consumer).Status, Of(ActivityKind.Consumer).Tag("error.type")));
    }

    [Fact]
    public void A_call_that_ends_early_is_an_error_and_many_messages_are_counted()
    {
        Listen();
        _ = Send(out var batch);
        batch.Sent(Guid.NewGuid());
        batch.Sent(Guid.NewGuid());
        batch.Dispose();
        var sent = Of(ActivityKind.Producer);
        Assert.Equal((ActivityStatusCode.Error, "incomplete", 2L), (sent.Status, sent.Tag("error.type"), sent.Tag("messaging.batch.message_count")));
        Assert.Null(sent.Tag("messaging.message.id"));
    }

    private static JobCompleted Outcomes(RunJob job, params ItemFailure[] failures) => new()
    {
        JobId = job.JobId,
        Kind = job.Kind,
        BatchId = job.BatchId,
        Indices = job.Indices,
        Count = 2,
        Values = new RawJson("[1,2]"u8.ToArray()),
        Failures = failures.Length == 0 ? null : failures,
        Worker = job.SubmittedBy,
        StartedAt = job.SubmittedAt,
        FinishedAt = job.SubmittedAt,
    };

    /// <summary>A job as it comes out of a message.</summary>
    private RunJob Send(out BatchSpan batch)
    {
        var id = Guid.CreateVersion7();
        batch = BatchSpan.Start("pair", id);
        _ends.Add(batch);
        var body = MessageSender.Write(
            new RunJob
            {
                JobId = Guid.CreateVersion7(),
                Kind = "pair",
                Items = new RawJson(Encoding.UTF8.GetBytes("[1,2]")),
                Indices = ItemIndices.From(0),
                BatchId = id,
                SubmittedAt = DateTimeOffset.UnixEpoch,
                SubmittedBy = new ProcessIdentity("host", 1, "name"),
                TraceParent = batch.Context.TraceParent,
                TraceState = batch.Context.TraceState,
                Baggage = batch.Context.Baggage,
            },
            MessageJson.Default.RunJob);
        return JsonSerializer.Deserialize(body, MessageJson.Default.RunJob)!;
    }

    private Activity Caller()
    {
        var caller = new Activity("caller").Start();
        _ends.Add(caller);
        return caller;
    }

    private Activity Of(ActivityKind kind) => Assert.Single(_stopped, activity => activity.Kind == kind);

    private void Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Broker",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (Equals(activity.Tag("broker.kind"), "pair"))
                    _stopped.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        _ends.Add(listener);
    }
}

internal static class ActivityTags
{
    public static object? Tag(this Activity activity, string name) => activity.GetTagItem(name);
}
