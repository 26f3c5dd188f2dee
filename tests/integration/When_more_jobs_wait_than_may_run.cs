using System.Text.Json;
using Broker.Contracts;
using Broker.Pool;
using Broker.Tests.Handlers;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_more_jobs_wait_than_may_run(SharedFleet shared)
{
    [Fact]
    public async Task Jobs_run_at_once_up_to_consumers_times_concurrency()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pause"], Processes = 3, Concurrency = 2 });
        var outcomes = await RawJobs.RunAsync(shared.Pool, fleet.Kind("pause"), Enumerable.Range(0, 60).Select(n => $"[100,{n}]"), new BatchOptions { Chunk = 1, InFlight = 60 });
        var runs = outcomes.Select(outcome => JsonSerializer.Deserialize<PauseTaken>(outcome.Value.Span, PayloadJson.Options)!).ToList();
        Assert.Equal(60, runs.Count);
        Assert.Equal(6, AtOnce(runs));
        foreach (var process in runs.GroupBy(run => run.ProcessId))
            Assert.Equal(2, AtOnce([.. process]));
        Assert.Equal(3, runs.DistinctBy(run => run.ProcessId).Count());
    }

    private static int AtOnce(IReadOnlyList<PauseTaken> runs) => runs.Max(run => runs.Count(other => other.From <= run.From && run.From < other.To));
}
