using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Integration;

public sealed class When_a_job_is_submitted(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task The_broker_has_it_when_the_submit_returns()
    {
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require());
        var handle = await pool.SubmitAsync(new Unserved(5), new CallOptions { Deadline = TimeSpan.FromMinutes(1) });
        Assert.Equal(1, (await pool.Fleet.LookAtAsync(Unserved.Kind)).Jobs?.Ready);
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        var job = JsonSerializer.Deserialize((await probe.TakeAsync(channel, Names.JobsQueue(Unserved.Kind))).Span, MessageJson.Default.RunJob)!;
        Assert.Equal((job.JobId, job.BatchId), (handle.JobId, handle.BatchId));
        await pool.DisposeAsync();
        Assert.Equal(JobState.Abandoned, handle.State);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => handle.Result);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [Unserved.Kind]);
    }

    [Fact]
    public async Task Its_handle_tells_its_state_and_is_awaited_for_the_result()
    {
        using var gate = new Gate();
        var handle = await _pool.SubmitAsync(new Gated(gate.Folder, 7));
        await gate.WaitForStartsAsync(1);
        Assert.Equal(JobState.Waiting, handle.State);
        await Assert.ThrowsAsync<TimeoutException>(() => handle.WaitAsync(TimeSpan.FromMilliseconds(50)));
        Assert.Equal(JobState.Waiting, handle.State);
        gate.Open();
        Assert.Equal(7, (await handle.WaitAsync(RunningProgram.DefaultTimeout)).Number);
        Assert.Equal(7, (await handle).Number);
        Assert.Equal(JobState.Completed, handle.State);
    }

    [Fact]
    public async Task The_handler_knows_it_by_the_same_ids()
    {
        var handle = await _pool.SubmitAsync(new Context("note"));
        var seen = await handle.WaitAsync(RunningProgram.DefaultTimeout);
        Assert.Equal((handle.JobId, handle.BatchId), (seen.JobId, seen.BatchId));
    }

    [Fact]
    public async Task A_failure_is_in_its_handle()
    {
        var handle = await _pool.SubmitAsync(new Behave("fail"));
        var error = await Assert.ThrowsAsync<JobFailedException>(() => handle.WaitAsync(RunningProgram.DefaultTimeout));
        Assert.Equal((handle.JobId, handle.BatchId), (error.JobId, error.BatchId));
        Assert.Equal(JobState.Failed, handle.State);
    }

    [Fact]
    public async Task Past_its_deadline_it_is_abandoned()
    {
        using var gate = new Gate();
        var handle = await _pool.SubmitAsync(new Gated(gate.Folder, 1), new CallOptions { Deadline = TimeSpan.FromSeconds(1) });
        await Assert.ThrowsAsync<TimeoutException>(() => handle.WaitAsync(RunningProgram.DefaultTimeout));
        Assert.Equal(JobState.Abandoned, handle.State);
        gate.Open();
    }

    [Fact]
    public async Task A_token_that_fires_afterwards_takes_nothing_back()
    {
        using var stop = new CancellationTokenSource();
        using var gate = new Gate();
        var handle = await _pool.SubmitAsync(new Gated(gate.Folder, 3), cancellationToken: stop.Token);
        await stop.CancelAsync();
        gate.Open();
        Assert.Equal(3, (await handle.WaitAsync(RunningProgram.DefaultTimeout)).Number);
    }

    private sealed record Unserved(int Number) : Contracts.IJob<int>
    {
        public static string Kind { get; } = $"unserved-{FleetPlan.NewSuffix()}";
    }
}
