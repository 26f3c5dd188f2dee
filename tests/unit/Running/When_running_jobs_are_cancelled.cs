using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Running;

namespace Broker.Tests.Unit.Running;

public sealed class When_running_jobs_are_cancelled
{
    private readonly RunningJobs _jobs = new();

    [Fact]
    public void Cancelled_jobs_of_a_batch_end_with_the_cause()
    {
        var batch = Guid.CreateVersion7();
        using var first = _jobs.Enter(SomeJob.Of("double", batch), 1, CancellationToken.None);
        using var second = _jobs.Enter(SomeJob.Of("double", batch), 1, CancellationToken.None);
        using var other = _jobs.Enter(SomeJob.Of("sleep", Guid.CreateVersion7()), 1, CancellationToken.None);
        Assert.Equal(2, _jobs.Cancel(job => job.BatchId == batch, CancellationCause.Cancelled));
        Assert.All([first, second], job => Assert.Equal((true, CancellationCause.Cancelled), (job.Token.IsCancellationRequested, job.Cause)));
        Assert.Equal((false, CancellationCause.None), (other.Token.IsCancellationRequested, other.Cause));
    }

    [Fact]
    public async Task The_first_cancellation_cause_is_kept()
    {
        using var connection = new CancellationTokenSource();
        using var job = _jobs.Enter(SomeJob.Of("double", Guid.CreateVersion7()), 1, connection.Token);
        await connection.CancelAsync();
        _jobs.CancelAll();
        Assert.Equal(CancellationCause.ConnectionLost, job.Cause);
    }

    [Fact]
    public void A_job_that_starts_during_the_stop_is_cancelled()
    {
        _jobs.CancelAll();
        using var late = _jobs.Enter(SomeJob.Of("double", Guid.CreateVersion7()), 1, CancellationToken.None);
        Assert.Equal((true, CancellationCause.Shutdown), (late.Token.IsCancellationRequested, late.Cause));
    }

    [Fact]
    public async Task Work_that_ignores_its_cancellation_is_left_behind_unless_it_is_answering()
    {
        using var job = _jobs.Enter(SomeJob.Of("double", Guid.CreateVersion7()), 1, CancellationToken.None);
        var work = new TaskCompletionSource();
        job.Cancel(CancellationCause.Shutdown);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => job.UntilNoticedAsync(work.Task, TimeSpan.Zero, static () => false));
        var answering = job.UntilNoticedAsync(work.Task, TimeSpan.Zero, static () => true);
        Assert.False(answering.IsCompleted);
        work.SetResult();
        await answering.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Work_whose_job_is_cancelled_is_waited_for_as_long_as_its_connection_lives()
    {
        using var connection = new CancellationTokenSource();
        using var job = _jobs.Enter(SomeJob.Of("double", Guid.CreateVersion7()), 1, connection.Token);
        var work = new TaskCompletionSource();
        Assert.True(job.Cancel(CancellationCause.Cancelled));
        var waiting = job.UntilNoticedAsync(work.Task, TimeSpan.Zero, static () => false);
        Assert.False(waiting.IsCompleted);
        await connection.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(CancellationCause.Cancelled, job.Cause);
    }

    [Fact]
    public void Running_jobs_are_counted_by_kind()
    {
        var first = _jobs.Enter(SomeJob.Of("double", Guid.CreateVersion7()), 1, CancellationToken.None);
        using var second = _jobs.Enter(SomeJob.Of("sleep", Guid.CreateVersion7()), 1, CancellationToken.None);
        Assert.Equal((1, 1, 0, 2), (_jobs.CountOf("double"), _jobs.CountOf("sleep"), _jobs.CountOf("other"), _jobs.Count));
        first.Dispose();
        Assert.Equal((0, 1), (_jobs.CountOf("double"), _jobs.Count));
        first.Cancel(CancellationCause.Cancelled);
    }
}
