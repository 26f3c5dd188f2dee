using System.Text.Json;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_pool_is_closed(SharedFleet shared)
{
    private readonly JobPool _shared = shared.Pool;

    [Fact]
    public async Task It_waits_for_what_is_under_way_and_takes_nothing_more()
    {
        using var gate = new Gate();
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require());
        var running = pool.CallAsync(new Gated(gate.Folder, 3));
        await gate.WaitForStartsAsync(1);
        var closing = pool.CloseAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.CallAsync(new Pair(1, 2)));
        Assert.False(closing.IsCompleted);
        gate.Open();
        Assert.Equal(3, (await running).Number);
        await closing.WaitAsync(RunningProgram.DefaultTimeout);
    }

    [Fact]
    public async Task Waiting_for_that_can_be_given_up()
    {
        using var gate = new Gate();
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require());
        var running = pool.CallAsync(new Gated(gate.Folder, 3));
        await gate.WaitForStartsAsync(1);
        using var stop = new CancellationTokenSource();
        var closing = pool.CloseAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => closing);
        gate.Open();
        Assert.Equal(3, (await running).Number);
    }

    [Fact]
    public async Task Disposing_it_ends_what_is_under_way_and_says_so()
    {
        using var gate = new Gate();
        var pool = await JobPool.ConnectAsync(TestBroker.Require());
        var running = pool.CallAsync(new Gated(gate.Folder, 3));
        await gate.WaitForStartsAsync(1);
        await pool.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running.WaitAsync(RunningProgram.DefaultTimeout));
        gate.Open();
    }

    [Fact]
    public async Task Terminating_it_ends_what_is_under_way_and_has_the_fleet_end_it_too()
    {
        using var gate = new Gate();
        var pool = await JobPool.ConnectAsync(TestBroker.Require());
        var handles = new List<JobHandle<GatePassed>>();
        for (var number = 0; number < 20; number++)
            handles.Add(await pool.SubmitAsync(new Gated(gate.Folder, number)));
        await gate.WaitForStartsAsync(2);
        await pool.TerminateAsync();
        foreach (var handle in handles)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => handle.WaitAsync(RunningProgram.DefaultTimeout));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.CallAsync(new Pair(1, 2)));
        var ours = handles.Select(handle => handle.BatchId).ToHashSet();
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while ((await _shared.Fleet.AskAsync(limit.Token)).Processes.SelectMany(process => process.Jobs).Any(job => ours.Contains(job.Held.BatchId)))
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        // Six slots: the others were never started.
        Assert.InRange(gate.Begun.Count, 2, 8);
        await pool.TerminateAsync();
        await pool.DisposeAsync();
    }

    [Fact]
    public async Task Terminating_it_while_the_broker_is_away_says_that_the_fleet_may_go_on()
    {
        using var gate = new Gate();
        using var way = new BrokerFront();
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pool = await JobPool.ConnectAsync(way.Url, new BrokerOptions { OnNotice = _ => lost.TrySetResult() });
        var running = pool.CallAsync(new Gated(gate.Folder, 0));
        await gate.WaitForStartsAsync(1);
        way.Refuse();
        await lost.Task.WaitAsync(RunningProgram.DefaultTimeout);
        using var stop = new CancellationTokenSource();
        var terminating = pool.TerminateAsync(stop.Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running.WaitAsync(TimeSpan.FromSeconds(5)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => terminating.WaitAsync(TimeSpan.FromSeconds(10)));
        gate.Open();
    }

    [Fact]
    public async Task Disposing_it_ends_calls_maps_and_publishes_at_once_while_the_broker_is_away()
    {
        using var gate = new Gate();
        using var way = new BrokerFront();
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var pool = await JobPool.ConnectAsync(way.Url, new BrokerOptions { OnNotice = _ => lost.TrySetResult() });
        var calling = pool.CallAsync(new Gated(gate.Folder, 0));
        var mapping = pool.MapAsync(Enumerable.Range(1, 1).Select(number => new Gated(gate.Folder, number)));
        var submitted = await pool.SubmitAsync(new Gated(gate.Folder, 2));
        await gate.WaitForStartsAsync(3);
        way.Refuse();
        await lost.Task.WaitAsync(RunningProgram.DefaultTimeout);
        Task[] ending =
        [
            calling, mapping, submitted.Result,
            pool.CallAsync(new Pair(1, 2)), pool.SubmitAsync(new Pair(1, 2)), pool.PublishAsync([new Pair(1, 2)]), pool.PublishAsync($"new-{FleetPlan.NewSuffix()}", RawJobs.Items(["1"])),
        ];
        var disposing = pool.DisposeAsync().AsTask();
        foreach (var ended in ending)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => ended.WaitAsync(TimeSpan.FromSeconds(5)));
        await disposing.WaitAsync(TimeSpan.FromSeconds(10));
        gate.Open();
    }

    [Fact]
    public async Task It_leaves_no_results_queue_behind()
    {
        var kind = $"unserved-{FleetPlan.NewSuffix()}";
        var pool = await JobPool.ConnectAsync(TestBroker.Require());
        var calling = RawJobs.RunAsync(pool, kind, ["1"]);
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        var job = JsonSerializer.Deserialize((await probe.TakeAsync(channel, Names.JobsQueue(kind))).Span, MessageJson.Default.RunJob)!;
        var results = Names.ResultsQueue(job.ReplyTo!);
        Assert.True(await probe.ExistsAsync(results));

        await channel.BasicPublishAsync(Names.ResultsExchange, job.ReplyTo!, mandatory: true, new BasicProperties { Type = Bus.MessageTypes.JobCompleted }, Answer(job));
        Assert.Equal("5", (await calling.WaitAsync(RunningProgram.DefaultTimeout))[0].ToString());
        await pool.CloseAsync();
        Assert.False(await probe.ExistsAsync(results));
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [kind]);
    }

    [Fact]
    public async Task It_may_be_disposed_twice()
    {
        var pool = await JobPool.ConnectAsync(TestBroker.Require());
        await pool.CloseAsync();
        await pool.DisposeAsync();
        Assert.Equal("1/2", await _shared.CallAsync(new Pair(1, 2)));
    }

    private static byte[] Answer(RunJob job)
    {
        var answer = new JobCompleted
        {
            JobId = job.JobId,
            Kind = job.Kind,
            BatchId = job.BatchId,
            Indices = job.Indices,
            Count = 1,
            Values = new RawJson("[5]"u8.ToArray()),
            Worker = new ProcessIdentity("test", 1, "test"),
            StartedAt = DateTimeOffset.UtcNow,
            FinishedAt = DateTimeOffset.UtcNow,
        };
        return JsonSerializer.SerializeToUtf8Bytes(answer, MessageJson.Default.JobCompleted);
    }
}
