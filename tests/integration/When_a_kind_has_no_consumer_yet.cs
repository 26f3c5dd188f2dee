using Broker.Pool;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_a_kind_has_no_consumer_yet(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task Published_jobs_wait_for_a_consumer()
    {
        var plan = new FleetPlan { Kinds = ["gated"], Concurrency = 2 };
        using var gate = new Gate();
        var (id, items) = await _pool.PublishAsync(plan.Kind("gated"), RawJobs.Items(gate.Items(5)), new BatchOptions { Chunk = 2 });
        Assert.NotEqual(Guid.Empty, id);
        Assert.Equal(5, items);
        Assert.Equal(3, (await _pool.Topology.LookAtJobsAsync(plan.Kind("gated")))?.Ready);
        gate.Open();
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        await gate.WaitForStartsAsync(5);
    }

    [Fact]
    public async Task A_notice_reports_that_no_consumer_has_the_kind()
    {
        var noticed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require(), new JobPoolOptions { OnNotice = noticed.SetResult });
        var kind = $"unserved-{FleetPlan.NewSuffix()}";
        using var stop = new CancellationTokenSource();
        var waiting = Task.Run(async () =>
        {
            await foreach (var _ in pool.RunAsync(kind, RawJobs.Items(["1"]), cancellationToken: stop.Token))
            {
            }
        });
        Assert.StartsWith($"nobody serves '{kind}' now (", await noticed.Task.WaitAsync(RunningProgram.DefaultTimeout), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [kind]);
    }

    [Fact]
    public async Task A_missing_queue_is_not_an_empty_queue() => Assert.Null(await _pool.Topology.LookAtJobsAsync($"none-{FleetPlan.NewSuffix()}"));
}
