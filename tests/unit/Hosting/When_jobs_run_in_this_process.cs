using System.Threading.Channels;
using Broker.Contracts;
using Broker.Hosting;
using Broker.Pool;
using Microsoft.Extensions.DependencyInjection;

namespace Broker.Tests.Unit.Hosting;

public sealed class When_jobs_run_in_this_process
{
    [Fact]
    public async Task Results_come_in_order_and_by_the_services_that_were_added()
    {
        await using var pool = await PoolAsync();
        Assert.Equal(Enumerable.Range(0, 500).Select(n => $"<{n}>"), await pool.MapAsync(Enumerable.Range(0, 500).Select(n => new Wrap($"{n}"))));
    }

    [Fact]
    public async Task A_failure_is_that_of_a_remote_item()
    {
        await using var pool = await PoolAsync();
        var error = await Assert.ThrowsAsync<JobFailedException>(() => pool.CallAsync(new Wrap("bad")));
        Assert.Equal((typeof(FormatException).FullName, "no such text", "the reason"), (error.RemoteType, error.RemoteMessage, Assert.Single(error.RemoteCauses).Message));
    }

    [Fact]
    public async Task A_handle_is_awaited_and_each_outcome_comes_when_it_is_there()
    {
        await using var pool = await PoolAsync();
        var handle = await pool.SubmitAsync(new Wrap("x"));
        Assert.Equal("<x>", await handle);
        var outcomes = new List<bool>();
        await foreach (var outcome in pool.WhenEachAsync([new Wrap("a"), new Wrap("bad")], new BatchOptions { Chunk = 1 }))
            outcomes.Add(outcome.Succeeded);
        Assert.Equal([false, true], outcomes.Order());
        Assert.Equal(2, (await pool.PublishAsync([new Wrap("a"), new Wrap("b")])).Items);
    }

    [Fact]
    public async Task An_item_is_held_to_its_time_and_knows_why_it_ends()
    {
        await using var pool = await PoolAsync();
        var error = await Assert.ThrowsAsync<JobFailedException>(() => pool.CallAsync(new Wrap("slow"), new CallOptions { ItemTimeout = TimeSpan.FromMilliseconds(100) }));
        Assert.Equal(FailureTypes.TimedOut, error.RemoteType);
        Assert.Equal(CancellationCause.TimedOut, await WrapHandler.Ended.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Progress_is_told_to_who_asked_and_the_handle_knows_that_it_runs()
    {
        await using var pool = await LocalJobPool.CreateAsync(consumer => consumer.AddHandler<StepHandler>());
        var told = Channel.CreateUnbounded<JobProgress>();
        var handle = await pool.SubmitAsync(new Step(Guid.NewGuid()), new CallOptions { Progress = new Listener(progress => told.Writer.TryWrite(progress)) });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        JobProgress? newest = null;
        while (newest is not { Text: "half" })
            newest = await told.Reader.ReadAsync(limit.Token);
        Assert.Equal(new JobProgress(handle.BatchId, handle.JobId, 0, 0.5, "half"), newest);
        Assert.Equal(JobState.Running, handle.State);
        StepHandler.GoOn.SetResult();
        await handle;
        Assert.Equal(JobState.Completed, handle.State);
    }

    [Fact]
    public async Task A_handle_knows_that_its_job_is_tried_again_later_and_that_it_was_not_run()
    {
        await using var pool = await PoolAsync(concurrency: 1);
        var again = await pool.SubmitAsync(new Wrap("bad"), new CallOptions { RetryDelay = TimeSpan.FromDays(1) });
        SpinWait.SpinUntil(() => again.State == JobState.Delayed, TimeSpan.FromSeconds(30));
        Assert.Equal(JobState.Delayed, again.State);
        var slow = await pool.SubmitAsync(new Wrap("slow, and nobody looks"), new CallOptions { Progress = new Listener(_ => { }) });
        SpinWait.SpinUntil(() => slow.State == JobState.Running, TimeSpan.FromSeconds(30));
        var late = await pool.SubmitAsync(new Wrap("x"), new CallOptions { Expires = TimeSpan.FromMilliseconds(1) });
        var expired = DateTimeOffset.UtcNow.AddMilliseconds(2);
        SpinWait.SpinUntil(() => DateTimeOffset.UtcNow > expired);
        await slow.CancelAsync();
        await Assert.ThrowsAsync<JobFailedException>(() => late.Result);
        Assert.Equal(JobState.Expired, late.State);
    }

    [Fact]
    public async Task A_kind_without_a_handler_is_an_error_at_once()
    {
        await using var pool = await PoolAsync();
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => pool.CallAsync(new Other()));
        Assert.Contains("no handler of kind 'other' in this pool (have: wrap)", error.Message, StringComparison.Ordinal);
    }

    private static Task<JobPool> PoolAsync(int? concurrency = null) => LocalJobPool.CreateAsync(
        consumer =>
        {
            consumer.Services.AddSingleton(new Wrapping("<", ">"));
            consumer.AddHandler<WrapHandler>();
        },
        concurrency);

    private sealed record Step(Guid Run) : IJob<int>
    {
        public static string Kind => "step";
    }

    private sealed class StepHandler : IJobHandler<Step, int>
    {
        public static TaskCompletionSource GoOn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<int> HandleAsync(Step args, JobContext job)
        {
            job.ReportProgress(double.NaN, "beginning");
            job.ReportProgress(0.5, "half");
            await GoOn.Task;
            job.ReportProgress(7, "more than all");
            return 1;
        }
    }

    private sealed class Listener(Action<JobProgress> told) : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => told(value);
    }

    private sealed record Wrap(string Text) : IJob<string>
    {
        public static string Kind => "wrap";
    }

    private sealed record Other : IJob<int>
    {
        public static string Kind => "other";
    }

    private sealed record Wrapping(string Before, string After);

    private sealed class WrapHandler(Wrapping wrapping) : IJobHandler<Wrap, string>
    {
        public static TaskCompletionSource<CancellationCause> Ended { get; } = new();

        public async Task<string> HandleAsync(Wrap args, JobContext job)
        {
            if (args.Text == "bad")
                throw new FormatException("no such text", new ArgumentException("the reason"));
            if (!args.Text.StartsWith("slow", StringComparison.Ordinal))
                return wrapping.Before + args.Text + wrapping.After;
            try
            {
                await Task.Delay(Timeout.Infinite, job.CancellationToken);
                return "";
            }
            finally
            {
                if (args.Text == "slow")
                    Ended.TrySetResult(job.CancellationCause);
            }
        }
    }
}
