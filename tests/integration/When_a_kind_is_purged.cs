using Broker.Connection;
using Broker.Hosting;
using Broker.Pool;
using Broker.Tests.Integration.Hosting;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_kind_is_purged(SharedFleet shared) : IAsyncLifetime
{
    private readonly JobPool _pool = shared.Pool;
    private readonly FleetPlan _plan = new() { Kinds = ["gated"] };

    private string Kind => _plan.Kind("gated");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [Kind]);

    [Fact]
    public async Task What_is_ready_is_removed_and_what_runs_stays()
    {
        await using var fleet = await ConsumerFleet.StartAsync(_plan);
        using var gate = new Gate();
        var running = RawJobs.RunAsync(_pool, Kind, [gate.Item(0)]);
        await gate.WaitForStartsAsync(1);
        await _pool.PublishAsync(Kind, RawJobs.Items(gate.Items(4)), new BatchOptions { Chunk = 2 });
        Assert.Equal(2, await _pool.PurgeAsync(Kind));
        Assert.Equal(0, await _pool.PurgeAsync(Kind));
        gate.Open();
        Assert.Null(Assert.Single(await running).Failure);
        Assert.Single(gate.Begun);
    }

    [Fact]
    public async Task Jobs_that_wait_to_be_run_alone_are_removed_too()
    {
        using var gate = new Gate();
        await _pool.PublishAsync(Kind, RawJobs.Items(gate.Items(1)));
        await using (var connection = await BrokerConnection.OpenAsync(BrokerAddress.Parse(TestBroker.Require()), "test"))
            await new JobTopology(connection).DeclareSuspectsAsync(Kind);
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.BasicPublishAsync(Names.JobsExchange, Names.SuspectsKey(Kind), mandatory: true, new BasicProperties { Persistent = true }, "{}"u8.ToArray());
        Assert.Equal(2, await _pool.PurgeAsync(Kind));
    }

    [Fact]
    public async Task A_caller_that_waits_sends_its_jobs_again()
    {
        using var stop = new CancellationTokenSource();
        using var gate = new Gate();
        var waiting = Task.Run(async () => await _pool.RunAsync(Kind, RawJobs.Items([gate.Item(0)]), cancellationToken: stop.Token).ToListAsync(stop.Token));
        await UntilReadyAsync(1);
        Assert.Equal(1, await _pool.PurgeAsync(Kind));
        await UntilReadyAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Without_a_queue_there_is_none() => Assert.Equal(0, await _pool.PurgeAsync($"none-{FleetPlan.NewSuffix()}"));

    [Fact]
    public async Task What_cannot_be_a_kind_is_refused() => await Assert.ThrowsAsync<ArgumentException>(() => _pool.PurgeAsync("no kind"));

    [Fact]
    public async Task A_pool_without_a_broker_has_no_queue()
    {
        await using var local = await LocalJobPool.CreateAsync(consumer => consumer.AddHandler<EchoHandler>());
        await Assert.ThrowsAsync<NotSupportedException>(() => local.PurgeAsync("double"));
    }

    private async Task UntilReadyAsync(long jobs)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while ((await _pool.Fleet.LookAtAsync(Kind, limit.Token)).Jobs?.Ready != jobs)
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }
}
