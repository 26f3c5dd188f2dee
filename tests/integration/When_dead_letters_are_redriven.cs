using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.DeadLetters;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_dead_letters_are_redriven(SharedFleet shared, When_dead_letters_are_redriven.Fleet fleet) : IClassFixture<When_dead_letters_are_redriven.Fleet>, IAsyncLifetime
{
    private readonly JobPool _pool = shared.Pool;
    private readonly string _kind = fleet.Require().Kind("behave");

    private DeadLetterQueue Dead => _pool.DeadLetters(_kind);

    public async ValueTask InitializeAsync() => await Dead.PurgeAsync(cancellationToken: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await Dead.PurgeAsync();

    [Fact]
    public async Task They_are_listed_as_often_as_wanted_and_stay()
    {
        await RawJobs.RunAsync(_pool, _kind, ["[\"well\",1]", "[\"reject\",2]", "[\"reject\",3]"], new BatchOptions { Chunk = 3 });
        for (var look = 0; look < 30; look++)
        {
            var items = await Dead.ListAsync().ToListAsync();
            Assert.Equal([1L, 2L], items.Select(item => item.Index));
            Assert.Equal("[\"reject\",2]", items[0].Item.GetRawText());
            Assert.Equal("item 2 is refused", items[0].FailureMessage);
            Assert.Single(items[0].Attempts);
        }
    }

    [Fact]
    public async Task Those_that_are_meant_run_again_changed_and_the_others_stay()
    {
        await RawJobs.RunAsync(_pool, _kind, ["[\"reject\",2]", "[\"reject\",3]", "[\"reject\",4]"], new BatchOptions { Chunk = 3 });
        var before = await Dead.ListAsync().ToListAsync();
        var counts = await Dead.RedriveAsync(new RedriveOptions { Where = item => item.Index == 1, Change = _ => JsonDocument.Parse("[\"well\",9]").RootElement });
        Assert.Equal(new DeadLetterCounts(1, 2, 0), counts);
        var after = await Dead.ListAsync().ToListAsync();
        Assert.Equal([0L, 2L], after.Select(item => item.Index));
        Assert.Equal(before.Where(item => item.Index != 1).Select(item => item.FailureMessage), after.Select(item => item.FailureMessage));
        Assert.Equal(before[0].Attempts, after[0].Attempts);
    }

    [Fact]
    public async Task One_that_fails_again_is_dead_again_under_its_own_index()
    {
        await RawJobs.RunAsync(_pool, _kind, ["[\"well\",1]", "[\"reject\",2]"], new BatchOptions { Chunk = 2 });
        var first = Assert.Single(await Dead.ListAsync().ToListAsync());
        Assert.Equal(new DeadLetterCounts(1, 0, 0), await Dead.RedriveAsync());
        DeadItem? again = null;
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (again is null)
        {
            again = (await Dead.ListAsync(limit.Token).ToListAsync(limit.Token)).SingleOrDefault();
            await Task.Delay(20, limit.Token);
        }

        Assert.Equal((first.JobId, first.BatchId, 1L), (again.JobId, again.BatchId, again.Index));
        Assert.True(again.DiedAt > first.DiedAt);
    }

    [Fact]
    public async Task What_cannot_be_read_is_counted_and_removed_only_with_all()
    {
        await RawJobs.RunAsync(_pool, _kind, ["[\"reject\",2]"]);
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.BasicPublishAsync(Names.DeadExchange, _kind, mandatory: true, new BasicProperties { Persistent = true, Type = "run-job" }, "no JSON"u8.ToArray());
        Assert.Single(await Dead.ListAsync().ToListAsync());
        Assert.Equal(new DeadLetterCounts(0, 1, 1), await Dead.PurgeAsync(static _ => false));
        Assert.Equal(new DeadLetterCounts(1, 0, 1), await Dead.PurgeAsync());
        Assert.Equal(new DeadLetterCounts(0, 0, 0), await Dead.PurgeAsync());
    }

    [Fact]
    public async Task A_job_that_RabbitMQ_itself_dead_lettered_is_listed_too()
    {
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        var job = new RunJob
        {
            JobId = Guid.CreateVersion7(),
            Kind = _kind,
            Items = new RawJson("[[\"well\",1],[\"well\",2]]"u8.ToArray()),
            Indices = ItemIndices.From(5),
            BatchId = Guid.CreateVersion7(),
            SubmittedAt = DateTimeOffset.UtcNow,
            SubmittedBy = new("host", 1, "test"),
        };
        var properties = new BasicProperties { Persistent = true, Type = "run-job" };
        await channel.BasicPublishAsync(Names.DeadExchange, _kind, mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(job, MessageJson.Default.RunJob));
        Assert.Equal([5L, 6L], (await Dead.ListAsync().ToListAsync()).Select(item => item.Index));
        Assert.Equal(2, (await Dead.RedriveAsync()).Done);
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["behave"], Processes = 1 };
    }
}
