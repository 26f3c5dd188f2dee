using System.Collections.Concurrent;
using Broker.Contracts;
using Broker.Pool;
using Broker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_jobs_are_cancelled : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly string _url = TestBroker.Require();
    private readonly Guid _run = Guid.NewGuid();
    private IHost? _host;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await QueueProbe.DeleteKindsAsync(_url, [Wait.Kind]);
    }

    [Fact]
    public async Task What_runs_ends_and_what_is_queued_is_not_run()
    {
        await StartAsync();
        await using var pool = await JobPool.ConnectAsync(_url);
        var outcomes = OutcomesAsync(pool, Enumerable.Range(0, 400).Select(n => new Wait(_run, n)), new BatchOptions { Chunk = 1, InFlight = 1000 });
        await StartedAsync(4);
        await pool.CancelAsync([WaitHandler.BatchOf(_run)]);
        var all = await outcomes.WaitAsync(Soon);
        Assert.Equal(400, all.Count);
        Assert.All(all, outcome => Assert.Equal(FailureTypes.Cancelled, outcome.Failure?.RemoteType));
        Assert.Equal(4, WaitHandler.Begun(_run));
        Assert.All(WaitHandler.Causes(_run), cause => Assert.Equal(CancellationCause.Cancelled, cause));
        Assert.Empty(await pool.DeadLetters(Wait.Kind).ListAsync().ToListAsync());
    }

    [Fact]
    public async Task Items_of_a_chunk_that_ended_before_keep_their_results()
    {
        await StartAsync();
        await using var pool = await JobPool.ConnectAsync(_url);
        var outcomes = OutcomesAsync(pool, [new Wait(_run, 0, Seconds: 0), new Wait(_run, 1), new Wait(_run, 2, Seconds: 0)], new BatchOptions { Chunk = 3 });
        await StartedAsync(2);
        await pool.CancelAsync([WaitHandler.BatchOf(_run)]);
        var all = (await outcomes.WaitAsync(Soon)).OrderBy(outcome => outcome.Index).ToList();
        Assert.Equal([null, FailureTypes.Cancelled, FailureTypes.Cancelled], all.Select(outcome => outcome.Failure?.RemoteType));
        Assert.Equal(2, WaitHandler.Begun(_run));
    }

    [Fact]
    public async Task A_job_that_only_a_later_consumer_meets_is_not_run()
    {
        await using var pool = await JobPool.ConnectAsync(_url);
        var handle = await pool.SubmitAsync(new Wait(_run, 0));
        var other = await pool.SubmitAsync(new Wait(_run, 1, Seconds: 0));
        await handle.CancelAsync();
        Assert.Equal(JobState.Waiting, handle.State);
        await StartAsync();
        await Assert.ThrowsAsync<JobFailedException>(() => handle.WaitAsync(Soon));
        Assert.Equal(JobState.Cancelled, handle.State);
        Assert.Equal(1, await other);
        Assert.Equal(1, WaitHandler.Begun(_run));
    }

    [Fact]
    public async Task A_job_that_waits_to_be_tried_again_is_not()
    {
        await StartAsync();
        await using var pool = await JobPool.ConnectAsync(_url);
        var handle = await pool.SubmitAsync(new Wait(_run, 0, Seconds: 0, RetryAfter: 3));
        await StartedAsync(1);
        await handle.CancelAsync();
        await Assert.ThrowsAsync<JobFailedException>(() => handle.WaitAsync(Soon));
        Assert.Equal((JobState.Cancelled, 1), (handle.State, WaitHandler.Begun(_run)));
    }

    [Fact]
    public async Task Jobs_are_when_their_pool_is_disposed_or_their_call_ends()
    {
        await StartAsync();
        var pool = await JobPool.ConnectAsync(_url);
        var handle = await pool.SubmitAsync(new Wait(_run, 0));
        await Assert.ThrowsAsync<TimeoutException>(() => pool.CallAsync(new Wait(_run, 1), new CallOptions { Deadline = TimeSpan.FromSeconds(2) }));
        await StartedAsync(2);
        await EndedAsync(1);
        await pool.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => handle.Result);
        await EndedAsync(2);
    }

    [Fact]
    public async Task The_stream_may_be_deleted_meanwhile()
    {
        await StartAsync();
        await using var pool = await JobPool.ConnectAsync(_url);
        await using (var probe = await QueueProbe.OpenAsync())
            await probe.DeleteAsync("broker.cancelled");
        var handle = await pool.SubmitAsync(new Wait(_run, 0));
        await StartedAsync(1);
        await handle.CancelAsync();
        await Assert.ThrowsAsync<JobFailedException>(() => handle.WaitAsync(Soon));
        Assert.Equal(JobState.Cancelled, handle.State);
    }

    [Fact]
    public async Task Their_batch_can_be_redriven_afterwards()
    {
        await StartAsync();
        await using var pool = await JobPool.ConnectAsync(_url);
        var rejected = await pool.SubmitAsync(new Wait(_run, 0, Seconds: 0, Rejected: true));
        await Assert.ThrowsAsync<JobFailedException>(() => rejected.Result);
        await pool.CancelAsync([rejected.BatchId]);
        Assert.Equal(1, (await pool.DeadLetters(Wait.Kind).RedriveAsync()).Done);
        await StartedAsync(2);
        await EventuallyAsync(async () => await pool.DeadLetters(Wait.Kind).ListAsync().CountAsync() == 1);
    }

    private async Task StartAsync()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddBroker(options => options.Url = _url);
        builder.Services.AddBrokerConsumer(options => options.Concurrency = 4).AddHandler<WaitHandler>();
        _host = builder.Build();
        await _host.StartAsync();
    }

    private async Task StopAsync()
    {
        if (_host is null)
            return;
        await _host.StopAsync();
        _host.Dispose();
    }

    private static async Task<List<JobOutcome<int>>> OutcomesAsync(JobPool pool, IEnumerable<Wait> jobs, BatchOptions options) => await pool.WhenEachAsync(jobs, options).ToListAsync();

    private Task StartedAsync(int count) => EventuallyAsync(() => Task.FromResult(WaitHandler.Begun(_run) == count));

    private Task EndedAsync(int count) => EventuallyAsync(() => Task.FromResult(WaitHandler.Causes(_run).Count == count));

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }
}

/// <param name="Run">The test.</param>
/// <param name="Number">Returned.</param>
/// <param name="Seconds">How long it takes.</param>
/// <param name="RetryAfter">Fails, and asks for another attempt after so many seconds.</param>
/// <param name="Rejected">Fails for good.</param>
internal sealed record Wait(Guid Run, int Number, int Seconds = 3600, int RetryAfter = 0, bool Rejected = false) : IJob<int>
{
    public static string Kind { get; } = $"wait-{FleetPlan.NewSuffix()}";
}

internal sealed class WaitHandler : IJobHandler<Wait, int>
{
    private static readonly ConcurrentDictionary<Guid, (int Begun, Guid Batch)> Seen = new();
    private static readonly ConcurrentQueue<(Guid Run, CancellationCause Cause)> Ends = new();

    public static int Begun(Guid run) => Seen.GetValueOrDefault(run).Begun;

    public static Guid BatchOf(Guid run) => Seen[run].Batch;

    public static IReadOnlyList<CancellationCause> Causes(Guid run) => [.. Ends.Where(end => end.Run == run).Select(end => end.Cause)];

    public async Task<int> HandleAsync(Wait args, JobContext job)
    {
        Seen.AddOrUpdate(args.Run, (1, job.BatchId), (_, seen) => (seen.Begun + 1, job.BatchId));
        if (args.Rejected)
            throw new JobRejectedException("no");
        if (args.RetryAfter > 0)
            throw new RetryAfterException(TimeSpan.FromSeconds(args.RetryAfter), "later");
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(args.Seconds), job.CancellationToken);
            return args.Number;
        }
        catch (OperationCanceledException)
        {
            Ends.Enqueue((args.Run, job.CancellationCause));
            throw;
        }
    }
}
