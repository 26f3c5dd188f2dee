using System.Text.Json;
using Broker.Contracts;
using Broker.DeadLetters;
using Broker.Pool;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_a_batch_is_detached(When_a_batch_is_detached.Fleet fleet) : IClassFixture<When_a_batch_is_detached.Fleet>
{
    private readonly string _url = TestBroker.Require();
    private readonly string _kind = fleet.Require().Kind("behave");

    [Fact]
    public async Task Any_number_of_programs_collect_it_at_once_and_again()
    {
        var id = await DetachAsync(Enumerable.Range(0, 500).Select(n => $"[\"well\",{n}]"), chunk: 7);
        var expected = Enumerable.Range(0, 500).Select(n => $"{n}").ToList();
        var collected = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => CollectAsync(id, new CollectOptions())));
        Assert.All(collected, texts => Assert.Equal(expected, texts));
        Assert.Equal(expected, await CollectAsync(id, new CollectOptions { Wait = false }));
        Assert.Equal(expected[490..], await CollectAsync(id, new CollectOptions { From = 490 }));
    }

    [Fact]
    public async Task Its_dead_items_have_their_outcome_in_their_places_when_they_are_redriven()
    {
        var id = await DetachAsync(Enumerable.Range(0, 40).Select(n => $"[\"{(n % 4 == 1 ? "reject" : "well")}\",{n}]"), chunk: 5);
        var before = await CollectAsync(id, new CollectOptions());
        Assert.Equal(10, before.Count(text => text.Contains("is refused", StringComparison.Ordinal)));
        await using var pool = await JobPool.ConnectAsync(_url);
        var dead = pool.DeadLetters(_kind);
        var counts = await dead.RedriveAsync(new RedriveOptions
        {
            Where = item => item.BatchId == id,
            Change = item => JsonSerializer.SerializeToElement(new object[] { "well", item.Item[1].GetInt64() }),
        });
        Assert.Equal(10, counts.Done);
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        var expected = Enumerable.Range(0, 40).Select(n => $"{n}").ToList();
        while (!expected.SequenceEqual(await CollectAsync(id, new CollectOptions())))
            await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
    }

    [Fact]
    public async Task What_is_cancelled_of_it_says_so()
    {
        var id = await DetachAsync(["[\"well\",1]", "[\"slow\",2]", "[\"slow\",3]"], chunk: 1);
        await using var pool = await JobPool.ConnectAsync(_url);
        await foreach (var first in pool.Collect(id, new CollectOptions()).ReadAsync(TestContext.Current.CancellationToken))
        {
            Assert.Equal("1", first.ToString());
            break;
        }

        await pool.CancelAsync([id]);
        var all = await pool.Collect(id, new CollectOptions()).ReadAsync(TestContext.Current.CancellationToken).ToListAsync();
        Assert.Equal([null, FailureTypes.Cancelled, FailureTypes.Cancelled], all.Select(outcome => outcome.Failure?.Type));
    }

    [Fact]
    public async Task Nothing_is_known_of_another_id()
    {
        await using var pool = await JobPool.ConnectAsync(_url);
        var error = await Assert.ThrowsAsync<BatchUnknownException>(async () => await pool.CollectAsync<int>(Guid.CreateVersion7()).ToListAsync());
        Assert.Contains("nothing is known of batch", error.Message, StringComparison.Ordinal);
    }

    private async Task<Guid> DetachAsync(IEnumerable<string> items, int chunk)
    {
        await using var pool = await JobPool.ConnectAsync(_url);
        return (await pool.PublishAsync(_kind, RawJobs.Items(items), new BatchOptions { Chunk = chunk }, detached: true)).BatchId;
    }

    private async Task<List<string>> CollectAsync(Guid id, CollectOptions options)
    {
        await using var pool = await JobPool.ConnectAsync(_url);
        return await pool.Collect(id, options).ReadAsync(TestContext.Current.CancellationToken).Select(outcome => outcome.ToString()).ToListAsync();
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["behave"], Concurrency = 4 };
    }
}
