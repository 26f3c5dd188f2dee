using Broker.Contracts;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_jobs_are_cancelled
{
    [Fact]
    public async Task A_submitted_job_ends_as_cancelled()
    {
        await using var pool = await Echo.PoolAsync();
        var handle = await pool.SubmitAsync(new Echo("never"));
        Assert.Equal(JobState.Waiting, handle.State);
        await handle.CancelAsync();
        var error = await Assert.ThrowsAsync<JobFailedException>(() => handle.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal((FailureTypes.Cancelled, false, JobState.Cancelled), (error.RemoteType, error.Retryable, handle.State));
    }

    [Fact]
    public async Task One_that_has_its_result_keeps_it()
    {
        await using var pool = await Echo.PoolAsync();
        var handle = await pool.SubmitAsync(new Echo("done"));
        Assert.Equal("done", await handle);
        await handle.CancelAsync();
        Assert.Equal(JobState.Completed, handle.State);
    }

    [Fact]
    public async Task What_waits_for_a_place_or_for_another_attempt_is_answered_too()
    {
        await using var pool = await Echo.PoolAsync();
        // Four places, all taken.
        var running = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => pool.SubmitAsync(new Echo("never"))));
        var queued = await pool.SubmitAsync(new Echo("x"));
        await queued.CancelAsync();
        await Assert.ThrowsAsync<JobFailedException>(() => queued.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.All(running, handle => Assert.Equal(JobState.Waiting, handle.State));
        await pool.CancelAsync(running.Select(handle => handle.JobId));
        foreach (var handle in running)
            await Assert.ThrowsAsync<JobFailedException>(() => handle.WaitAsync(TimeSpan.FromSeconds(10)));

        var failing = await pool.SubmitAsync(new Echo("bad"), new CallOptions { Attempts = 9, RetryDelay = TimeSpan.FromHours(1) });
        await failing.CancelAsync();
        var error = await Assert.ThrowsAsync<JobFailedException>(() => failing.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(FailureTypes.Cancelled, error.RemoteType);
    }

    [Fact]
    public async Task A_call_that_ends_early_leaves_nothing_running()
    {
        await using var pool = await Echo.PoolAsync();
        using var stop = new CancellationTokenSource();
        var call = pool.MapAsync(Enumerable.Repeat(new Echo("never"), 4), new BatchOptions { Chunk = 1 }, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await foreach (var outcome in pool.WhenEachAsync(Enumerable.Range(0, 4).Select(n => new Echo(n == 0 ? "x" : "never")), new BatchOptions { Chunk = 1 }))
            break;
        await Assert.ThrowsAsync<TimeoutException>(() => pool.CallAsync(new Echo("never"), new CallOptions { Deadline = TimeSpan.FromMilliseconds(50) }));
        // All places are free again.
        Assert.Equal(4, (await pool.MapAsync(Enumerable.Repeat(new Echo("x"), 4)).WaitAsync(TimeSpan.FromSeconds(10))).Count);
    }
}
