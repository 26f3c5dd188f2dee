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
    public async Task A_kind_without_a_handler_is_an_error_at_once()
    {
        await using var pool = await PoolAsync();
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => pool.CallAsync(new Other()));
        Assert.Contains("no handler of kind 'other' in this pool (have: wrap)", error.Message, StringComparison.Ordinal);
    }

    private static Task<JobPool> PoolAsync() => LocalJobPool.CreateAsync(consumer =>
    {
        consumer.Services.AddSingleton(new Wrapping("<", ">"));
        consumer.AddHandler<WrapHandler>();
    });

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
            if (args.Text != "slow")
                return wrapping.Before + args.Text + wrapping.After;
            try
            {
                await Task.Delay(Timeout.Infinite, job.CancellationToken);
                return "";
            }
            finally
            {
                Ended.TrySetResult(job.CancellationCause);
            }
        }
    }
}
