using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Integration;

public sealed class When_jobs_or_outcomes_are_lost
{
    [Fact]
    public async Task A_map_whose_queued_jobs_and_outcomes_are_deleted_ends_with_all_results_while_other_calls_keep_the_kind_busy()
    {
        var plan = new FleetPlan { Kinds = ["pair"] };
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require());
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        var mapping = RawJobs.RunAsync(pool, plan.Kind("pair"), Enumerable.Range(0, 100).Select(n => $"[{n},0]"), new BatchOptions { Chunk = 10 });
        // One job taken off like an outcome that was dropped, one queue deleted with what it holds.
        var job = JsonSerializer.Deserialize((await probe.TakeAsync(channel, Names.JobsQueue(plan.Kind("pair")))).Span, MessageJson.Default.RunJob)!;
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while ((await probe.LookAsync(Names.JobsQueue(plan.Kind("pair"))))?.MessageCount != 9)
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        await probe.DeleteAsync(Names.JobsQueue(plan.Kind("pair")));
        await probe.DeleteAsync(Names.ResultsQueue(job.ReplyTo!));
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        await using var others = await JobPool.ConnectAsync(TestBroker.Require());
        using var stop = new CancellationTokenSource();
        var flowing = KeepBusyAsync(others, plan.Kind("pair"), stop.Token);
        var outcomes = await mapping.WaitAsync(TimeSpan.FromSeconds(40));
        Assert.False(flowing.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flowing);
        Assert.Equal(Enumerable.Range(0, 100).Select(n => $"\"{n}/0\""), outcomes.Select(outcome => outcome.ToString()));
    }

    private static async Task KeepBusyAsync(JobPool pool, string kind, CancellationToken stop)
    {
        await foreach (var outcome in pool.RunAsync(kind, RawJobs.Items(Enumerable.Repeat("[1,1]", int.MaxValue)), new BatchOptions { Chunk = 1, InFlight = 100 }, ordered: false, stop))
            Assert.Null(outcome.Failure);
    }
}
