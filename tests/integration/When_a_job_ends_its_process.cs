using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_a_job_ends_its_process(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task The_job_fails_as_crashed_and_concurrent_jobs_succeed()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 2, Concurrency = 2 });
        string[] items = ["[\"well\",0]", "[\"well\",1]", "[\"crash\",2]", .. Enumerable.Range(3, 20).Select(n => $"[\"well\",{n}]")];
        var outcomes = await RawJobs.RunAsync(_pool, fleet.Kind("behave"), items, new BatchOptions { Chunk = 1 });
        AssertOnlyTheThirdCrashed(outcomes, 23);
    }

    [Fact]
    public async Task The_item_fails_as_crashed_and_the_others_of_its_chunk_succeed()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"], Processes = 2, Concurrency = 2 });
        string[] items = ["[\"well\",0]", "[\"well\",1]", "[\"crash\",2]", "[\"well\",3]", "[\"well\",4]", "[\"well\",5]"];
        var outcomes = await RawJobs.RunAsync(_pool, fleet.Kind("behave"), items, new BatchOptions { Chunk = 6 });
        AssertOnlyTheThirdCrashed(outcomes, 6);

        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        var letter = await channel.BasicGetAsync(Topology.Names.DeadQueue(fleet.Kind("behave")), autoAck: true);
        Assert.Contains("[\"crash\",2]", System.Text.Encoding.UTF8.GetString(letter!.Body.Span), StringComparison.Ordinal);
    }

    private static void AssertOnlyTheThirdCrashed(List<ItemOutcome> outcomes, int count)
    {
        Assert.Equal(Enumerable.Range(0, count).Select(n => (long)n), outcomes.Select(outcome => outcome.Index));
        Assert.Equal(FailureTypes.Crashed, outcomes[2].Failure?.Type);
        foreach (var outcome in outcomes.Where(outcome => outcome.Index != 2))
            Assert.Equal($"{outcome.Index}", outcome.ToString());
    }
}
