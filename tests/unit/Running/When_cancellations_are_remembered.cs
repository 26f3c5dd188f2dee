using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Running;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Running;

public sealed class When_cancellations_are_remembered
{
    private readonly ManualClock _clock = new();
    private readonly RunningJobs _running = new();
    private readonly CancelledJobs _cancelled;
    private readonly RunJob _job = SomeJob.Of("double");

    public When_cancellations_are_remembered() => _cancelled = new CancelledJobs(_clock);

    [Fact]
    public void A_job_is_known_by_its_batch_and_by_its_own_id()
    {
        Assert.False(_cancelled.Contains(_job));
        Learn(Guid.NewGuid());
        Assert.False(_cancelled.Contains(_job));
        Learn(_job.BatchId);
        Assert.True(_cancelled.Contains(_job));
        var other = SomeJob.Of("double");
        Learn(other.JobId);
        Assert.True(_cancelled.Contains(other));
        Assert.False(_cancelled.Contains(SomeJob.Of("double", other.BatchId)));
    }

    [Fact]
    public void What_is_held_is_ended_once()
    {
        using var held = _running.Enter(_job, 1, CancellationToken.None);
        using var other = _running.Enter(SomeJob.Of("double"), 1, CancellationToken.None);
        Assert.Equal(1, Learn(_job.BatchId));
        Assert.Equal((CancellationCause.Cancelled, CancellationCause.None), (held.Cause, other.Cause));
        Assert.Equal(0, Learn(_job.BatchId));
    }

    [Fact]
    public void A_job_that_was_redriven_since_is_run()
    {
        Learn(_job.BatchId);
        var again = _job with { RedrivenAt = _clock.GetUtcNow() + TimeSpan.FromSeconds(1) };
        Assert.False(_cancelled.Contains(again));
        using var held = _running.Enter(again, 1, CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, Learn(_job.JobId));
        Assert.True(_cancelled.Contains(again));
    }

    [Fact]
    public void An_older_cancellation_that_is_read_again_changes_nothing()
    {
        var first = Message(_job.BatchId);
        _clock.Advance(TimeSpan.FromHours(1));
        var again = _job with { RedrivenAt = _clock.GetUtcNow() - TimeSpan.FromMinutes(1) };
        Learn(_job.BatchId);
        _cancelled.Learn(first, _running);
        Assert.True(_cancelled.Contains(again));
    }

    [Fact]
    public void Those_of_the_day_before_are_forgotten()
    {
        for (var day = 0; day < 4; day++)
        {
            for (var i = 0; i < 999; i++)
                Learn(Guid.NewGuid());
            _clock.Advance(CancelledJobs.Memory + TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_cancelled.Count, 1, 1998);
    }

    private int Learn(Guid id) => _cancelled.Learn(Message(id), _running);

    private CancelJobs Message(Guid id) => new() { Ids = [id], CancelledAt = _clock.GetUtcNow() };
}
