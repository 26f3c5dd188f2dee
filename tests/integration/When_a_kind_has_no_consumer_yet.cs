using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Integration;

public sealed class When_a_kind_has_no_consumer_yet(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task What_is_published_waits_for_the_consumer_that_comes()
    {
        var plan = new FleetPlan { Kinds = ["gated"], Concurrency = 2 };
        using var gate = new Gate();
        var (id, items) = await _pool.PublishAsync(plan.Kind("gated"), RawJobs.Items(gate.Items(5)), new BatchOptions { Chunk = 2 });
        Assert.NotEqual(Guid.Empty, id);
        Assert.Equal(5, items);
        Assert.Equal(3, (await _pool.Fleet.LookAtAsync(plan.Kind("gated"))).Jobs?.Ready);
        gate.Open();
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        await gate.WaitForStartsAsync(5);
    }

    [Fact]
    public async Task The_first_jobs_of_a_pool_wait_in_their_order()
    {
        var kind = $"ordered-{FleetPlan.NewSuffix()}";
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await using (var pool = await JobPool.ConnectAsync(TestBroker.Require()))
            await pool.PublishAsync(kind, RawJobs.Items(Enumerable.Range(0, 200).Select(n => $"{n}")));
        var indices = new List<long>();
        for (var n = 0; n < 200; n++)
            indices.Add(MessageBody.Read(await probe.TakeAsync(channel, Names.JobsQueue(kind)), MessageJson.Default.RunJob)!.Indices[0]);
        Assert.Equal(Enumerable.Range(0, 200).Select(n => (long)n), indices);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [kind]);
    }

    [Fact]
    public async Task A_notice_says_so()
    {
        var noticed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require(), new BrokerOptions { OnNotice = noticed.SetResult });
        var kind = $"unserved-{FleetPlan.NewSuffix()}";
        using var stop = new CancellationTokenSource();
        var waiting = Task.Run(async () =>
        {
            await foreach (var _ in pool.RunAsync(kind, RawJobs.Items(["1"]), cancellationToken: stop.Token))
            {
            }
        });
        Assert.StartsWith($"no consumer serves '{kind}' now (", await noticed.Task.WaitAsync(RunningProgram.DefaultTimeout), StringComparison.Ordinal);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [kind]);
    }

    [Fact]
    public async Task A_queue_that_is_not_there_is_no_queue_of_no_jobs() => Assert.Equal(new KindQueues(null, null), await _pool.Fleet.LookAtAsync($"none-{FleetPlan.NewSuffix()}"));
}
