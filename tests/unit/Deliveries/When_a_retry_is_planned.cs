using System.Text;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Deliveries;
using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Deliveries;

public sealed class When_a_retry_is_planned
{
    private static readonly ProcessIdentity Worker = new("host", 7, "worker");
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly RunJob _job = new()
    {
        JobId = Guid.CreateVersion7(),
        Kind = "fail",
        Items = Json("[10,11,12,13,14]"),
        Indices = ItemIndices.From(100),
        BatchId = Guid.CreateVersion7(),
        ReplyTo = "caller",
        MaxAttempts = 3,
        SubmittedAt = Now,
        SubmittedBy = Worker,
    };

    [Fact]
    public void Only_the_items_that_failed_are_run_again_and_the_others_are_answered()
    {
        var plan = Plan(_job, 0, "[1,null,3,null,5]", Failure(1), Failure(3));
        Assert.Equal("[1,3,5]", Text(plan.Answer!.Values));
        Assert.Equal((3, null), (plan.Answer.Count, plan.Answer.Failures));
        Assert.Equal([(100, 1), (102, 1), (104, 1)], plan.Answer.Indices.Runs(3));
        Assert.Empty(plan.Dead);
        var again = Assert.Single(plan.Retries);
        Assert.Equal(("[11,13]", 2, 2), (Text(again.Job.Items), again.Count, again.Job.Attempt));
        Assert.Equal([(101, 1), (103, 1)], again.Job.Indices.Runs(2));
        Assert.Equal((_job.JobId, _job.BatchId, "caller"), (again.Job.JobId, again.Job.BatchId, again.Job.ReplyTo));
        Assert.Equal([new JobAttempt(Worker, Now, Now)], again.Job.EarlierAttempts);
    }

    [Fact]
    public void Final_failures_are_answered_and_dead_with_the_places_they_have_then()
    {
        var plan = Plan(_job, 0, "[null,null,3,null,5]", Failure(0), Failure(1, retryable: false), Failure(3, retryable: false));
        Assert.Equal("[null,3,null,5]", Text(plan.Answer!.Values));
        Assert.Equal([0, 2], plan.Answer.Failures!.Select(failure => failure.Offset));
        Assert.Equal([(101, 4)], plan.Answer.Indices.Runs(4));
        Assert.Equal([1, 3], plan.Dead.Select(one => one.Offset));
        Assert.Equal([RetryDecision.Retry, RetryDecision.DeadLetterAsFinal, RetryDecision.DeadLetterAsFinal], plan.Verdicts.Select(verdict => verdict.Decision));
    }

    [Fact]
    public void Items_that_were_cancelled_are_answered_only()
    {
        var plan = Plan(_job, 0, "[1,null,null]", Failure(1) with { Type = FailureTypes.Cancelled }, Failure(2));
        Assert.Equal([1], plan.Answer!.Failures!.Select(failure => failure.Offset));
        Assert.Empty(plan.Dead);
        Assert.Equal("[12]", Text(Assert.Single(plan.Retries).Job.Items));
    }

    [Fact]
    public void Nothing_is_answered_where_every_item_is_run_again()
    {
        var plan = Plan(_job, 3, "[null,null]", Failure(0), Failure(1));
        Assert.Null(plan.Answer);
        Assert.Equal("[13,14]", Text(Assert.Single(plan.Retries).Job.Items));
        Assert.Equal([(103, 2)], plan.Retries[0].Job.Indices.Runs(2));
    }

    [Fact]
    public void Each_delay_has_a_job_of_its_own()
    {
        var plan = Plan(_job, 0, "[null,null,null]", Failure(0), Failure(1, asked: 90), Failure(2));
        Assert.Equal([(1, "[10,12]"), (90, "[11]")], plan.Retries.Select(retry => ((int)retry.Delay.TotalSeconds, Text(retry.Job.Items))));
    }

    [Fact]
    public void The_last_attempt_knows_all_before_it()
    {
        var second = Plan(_job, 0, "[null]", Failure(0)).Retries[0].Job;
        var third = Plan(second, 0, "[null]", Failure(0)).Retries[0].Job;
        Assert.Equal((3, 2), (third.Attempt, third.EarlierAttempts!.Count));
        var plan = Plan(third, 0, "[null]", Failure(0));
        Assert.Empty(plan.Retries);
        Assert.Equal(RetryDecision.DeadLetterAsLast, Assert.Single(plan.Verdicts).Decision);
        Assert.Equal(1, plan.Answer!.Count);
    }

    private static RetryPlan Plan(RunJob job, int first, string values, params ItemFailure[] failures)
    {
        var items = JsonItems.Split(job.Items.Utf8);
        var outcomes = new JobCompleted
        {
            JobId = job.JobId,
            Kind = job.Kind,
            BatchId = job.BatchId,
            Indices = job.Indices.Skip(first),
            Count = JsonItems.Split(Encoding.UTF8.GetBytes(values)).Count,
            Values = Json(values),
            Failures = failures,
            Worker = Worker,
            StartedAt = Now,
            FinishedAt = Now,
        };
        return RetryPlan.Of(job, items, first, outcomes, Now, jitter: 0);
    }

    private static ItemFailure Failure(int offset, bool retryable = true, int? asked = null) =>
        new(offset, "System.IO.IOException", "no", null, retryable, RetryAfter: asked is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

    private static RawJson Json(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Text(RawJson json) => Encoding.UTF8.GetString(json.Utf8.Span);
}
