using System.Diagnostics;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_time_is_limited(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task A_call_past_its_deadline_ends_with_a_timeout()
    {
        using var gate = new Gate();
        var error = await Assert.ThrowsAsync<TimeoutException>(() => _pool.CallAsync(new Gated(gate.Folder, 1), new CallOptions { Deadline = TimeSpan.FromSeconds(1) }));
        Assert.Contains("the deadline of 1 s passed with 0 items answered", error.Message, StringComparison.Ordinal);
        gate.Open();
    }

    [Fact]
    public async Task An_item_that_honours_its_token_fails_at_its_time_limit()
    {
        var error = await Assert.ThrowsAsync<JobFailedException>(() => _pool.CallAsync(new Behave("slow"), new CallOptions { ItemTimeout = TimeSpan.FromMilliseconds(300) }));
        Assert.Equal((FailureTypes.TimedOut, "ran longer than 0.3 s"), (error.RemoteType, error.RemoteMessage));
    }

    [Fact]
    public async Task The_time_limit_is_per_item_not_per_chunk()
    {
        var results = await _pool.MapAsync(
            Enumerable.Range(0, 8).Select(n => new Pause(150, n)), new BatchOptions { Chunk = 8, ItemTimeout = TimeSpan.FromMilliseconds(900) });
        Assert.Equal(8, results.Count);
    }

    [Fact]
    public async Task An_item_that_ignores_its_token_fails_ten_seconds_later_and_its_process_is_restarted()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 1, Concurrency = 2 });
        var victim = Assert.Single(fleet.ChildIds);
        var outcomes = await RawJobs.RunAsync(_pool, fleet.Kind("behave"), ["[\"well\",1]", "[\"hang\",2]", "[\"well\",3]"], new BatchOptions { Chunk = 3, Attempts = 1, ItemTimeout = TimeSpan.FromMilliseconds(500) });
        Assert.Equal(["1", "timed-out", "3"], outcomes.Select(outcome => outcome.Failure?.Type ?? outcome.ToString()));
        Assert.Contains("ignored its cancellation token for 10 s more", outcomes[1].Failure!.Message, StringComparison.Ordinal);
        Assert.All(outcomes, outcome => Assert.Equal(victim, outcome.Run.Worker.ProcessId));
        await fleet.Program.WaitForErrorAsync("ignores its time limit: this process takes no more jobs");
        await fleet.Program.WaitForErrorAsync($"child process {victim} was no longer fit to run jobs and has ended");

        var after = await RawJobs.RunAsync(_pool, fleet.Kind("behave"), ["[\"well\",4]"]);
        Assert.Equal("4", after[0].ToString());
        Assert.NotEqual(victim, after[0].Run.Worker.ProcessId);
    }

    [Fact]
    public async Task A_deadline_that_passes_while_the_broker_is_away_ends_what_is_under_way_and_what_begins_then()
    {
        using var gate = new Gate();
        using var way = new BrokerFront();
        await using var pool = await JobPool.ConnectAsync(way.Url);
        var limits = new CallOptions { Deadline = TimeSpan.FromSeconds(2) };
        var started = Stopwatch.GetTimestamp();
        var calling = pool.CallAsync(new Gated(gate.Folder, 0), limits);
        await gate.WaitForStartsAsync(1);
        way.Refuse();
        Task[] ending = [calling, pool.CallAsync(new Pair(1, 2), limits), pool.PublishAsync([new Pair(1, 2)], new BatchOptions { Deadline = limits.Deadline })];
        foreach (var ended in ending)
            Assert.Contains("the deadline of 2 s passed", (await Assert.ThrowsAsync<TimeoutException>(() => ended)).Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        gate.Open();
    }

    [Fact]
    public async Task A_job_not_started_before_it_expires_is_not_run()
    {
        var plan = new FleetPlan { Kinds = ["gated"], More = ["--log-level", "debug"] };
        using var gate = new Gate();
        await _pool.PublishAsync(plan.Kind("gated"), RawJobs.Items(gate.Items(3)), new BatchOptions { Expires = TimeSpan.FromMilliseconds(1) });
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        await fleet.Program.WaitForErrorAsync(text => text.Split("not run: expired:").Length == 4, "three jobs that are not run");
        Assert.Empty(gate.Begun);
    }
}
