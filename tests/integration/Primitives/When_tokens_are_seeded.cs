using System.Text;
using Broker.Primitives.Tokens;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_tokens_are_seeded
{
    private readonly string _name = TokenClient.NewName();

    private TokenSet Set => new("semaphore", _name, 5);

    [Fact]
    public async Task Many_who_come_at_once_seed_them_once()
    {
        TestBroker.Require();
        var clients = Enumerable.Range(0, 20).Select(_ => new TokenClient()).ToList();
        try
        {
            var holds = await Task.WhenAll(clients.Select(client => client.Semaphore(_name, 5).TryAcquireAsync(TimeSpan.FromSeconds(1))));
            Assert.Equal([0, 1, 2, 3, 4], holds.Where(hold => hold is not null).Select(hold => hold!.Permit).Order());
            await clients[0].WaitersAsync(Set, 0);
            Assert.Null(await clients[0].Semaphore(_name, 5).TryAcquireAsync());
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }

    [Fact]
    public async Task One_who_dies_between_them_is_followed_by_another()
    {
        TestBroker.Require();
        await using var dead = new TokenClient();
        var epoch = Assert.IsType<long>(await dead.Log.ApplyAsync(Set.Key, new SeedTokens(5), fence: null, CancellationToken.None));
        await PublishAsync(dead, Set, epoch, [0, 1]);
        await using var next = new TokenClient(seedingLimit: TimeSpan.FromSeconds(1));
        // The two that are there may not be used: their epoch is not complete.
        var holds = await AllAsync(next);
        Assert.All(holds, hold => Assert.True(hold.Fence >> 32 > epoch));
        // The dead one was only slow, and goes on.
        await PublishAsync(dead, Set, epoch, [2, 3, 4]);
        Assert.Equal(false, await dead.Log.ApplyAsync(Set.Key, new TokensSeeded(epoch), fence: null, CancellationToken.None));
        Assert.Null(await dead.Semaphore(_name, 5).TryAcquireAsync());
        Assert.Equal((0, 5), await dead.Kernel.CountAsync(Set, CancellationToken.None));
    }

    [Fact]
    public async Task One_who_is_cut_between_them_begins_again()
    {
        // Until then it does not know how many arrive.
        using var front = new BrokerFront(cutAt: Encoding.ASCII.GetBytes(" 3"));
        await using var client = new TokenClient(front.Url);
        var holds = await AllAsync(client);
        Assert.NotEqual(0, front.Cuts);
        Assert.Single(holds.Select(hold => hold.Fence >> 32).Distinct());
        await using var other = new TokenClient();
        Assert.Null(await other.Semaphore(_name, 5).TryAcquireAsync());
    }

    [Fact]
    public async Task One_who_died_is_followed_although_nobody_waits_long()
    {
        TestBroker.Require();
        await using var dead = new TokenClient();
        await dead.Log.ApplyAsync(Set.Key, new SeedTokens(5), fence: null, CancellationToken.None);
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        await using var hold = await Task.Run(async () =>
        {
            while (true)
            {
                // Each is another process, and gives up long before the seeder's time is over.
                await using var next = new TokenClient(seedingLimit: TimeSpan.FromSeconds(3));
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
                patience.CancelAfter(TimeSpan.FromMilliseconds(700));
                try
                {
                    return await next.Semaphore(_name, 5).TryAcquireAsync(TimeSpan.Zero, patience.Token);
                }
                catch (OperationCanceledException) when (!limit.IsCancellationRequested)
                {
                    // The next tries.
                }
            }
        });
        Assert.NotNull(hold);
    }

    [Fact]
    public async Task A_name_that_is_removed_begins_anew()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var probe = await QueueProbe.OpenAsync();
        Assert.False(await client.Kernel.RemoveAsync(Set, CancellationToken.None));
        var hold = await client.Semaphore(_name, 5).AcquireAsync();
        Assert.True(await client.Kernel.RemoveAsync(Set, CancellationToken.None));
        await TokenClient.LostAsync(hold);
        Assert.False(await probe.ExistsAsync(Set.Queue));
        await using var next = await client.Semaphore(_name, 2).AcquireAsync(RunningProgram.DefaultTimeout);
        Assert.True(next.Fence > hold.Fence);
    }

    [Fact]
    public async Task Another_number_of_permits_is_refused()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var hold = await client.Semaphore(_name, 5).AcquireAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.Semaphore(_name, 4).AcquireAsync());
        Assert.Contains("5 permits, not 4", error.Message, StringComparison.Ordinal);
        // A lock of the same name is another thing.
        await using var own = await client.Lock(_name).AcquireAsync(TimeSpan.FromSeconds(10));
        Assert.Throws<ArgumentOutOfRangeException>(() => client.Semaphore(_name, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => client.Semaphore(_name, int.MaxValue));
    }

    [Fact]
    public async Task Names_that_no_queue_can_have_are_locks_too()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        foreach (var name in new[] { "", new string('a', 1000), new string('b', 1000), $@"a\\b/{_name}", "\ud800" })
        {
            await using var hold = await client.Lock(name).TryAcquireAsync(TimeSpan.FromSeconds(10));
            Assert.NotNull(hold);
        }
    }

    [Fact]
    public async Task Tokens_of_a_log_that_is_gone_are_replaced()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await (await client.Semaphore(_name, 5).AcquireAsync()).DisposeAsync();
        // As if the log had lost the records of this epoch.
        var future = ((await client.Kernel.Epochs.LookAsync(Set, consistent: false, CancellationToken.None))!.Epoch) + 1_000_000;
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.QueuePurgeAsync(Set.Queue);
        await PublishAsync(client, Set, future, [0, 1, 2, 3, 4]);
        var holds = await AllAsync(client);
        Assert.All(holds, hold => Assert.True(hold.Fence >> 32 > future));
    }

    private static async Task PublishAsync(TokenClient client, TokenSet set, long epoch, int[] permits)
    {
        await using var channel = await new TokenSeeds(client.Link, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).PrepareAsync(set, CancellationToken.None);
        foreach (var permit in permits)
            await channel.Channel.BasicPublishAsync(Names.TokenExchange, set.Queue, mandatory: true, Token.Body(epoch, permit));
    }

    private async Task<List<Broker.Primitives.BrokerHold>> AllAsync(TokenClient client)
    {
        var holds = new List<Broker.Primitives.BrokerHold>();
        for (var permit = 0; permit < 5; permit++)
            holds.Add(await client.Semaphore(_name, 5).AcquireAsync(RunningProgram.DefaultTimeout));
        Assert.Equal([0, 1, 2, 3, 4], holds.Select(hold => hold.Permit).Order());
        return holds;
    }
}
