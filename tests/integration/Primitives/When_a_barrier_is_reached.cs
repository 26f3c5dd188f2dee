using Broker.Primitives;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_barrier_is_reached : TwoProcesses
{
    private const int Parties = 5;

    [Fact]
    public async Task Nobody_is_a_round_ahead_and_each_index_is_given_once_per_round()
    {
        var entered = new int[20];
        var indices = await Task.WhenAll(Enumerable.Range(0, Parties).Select(async party =>
        {
            var barrier = Barrier(party);
            var mine = new List<int>();
            for (var round = 0; round < entered.Length; round++)
            {
                Interlocked.Increment(ref entered[round]);
                mine.Add(await barrier.WaitAsync(Limit));
                Assert.Equal(Parties, entered[round]);
            }

            return mine;
        }));
        for (var round = 0; round < entered.Length; round++)
            Assert.Equal(Enumerable.Range(0, Parties), indices.Select(mine => mine[round]).Order());
        Assert.Equal(0, await Barrier(0).WaitingAsync());
        Assert.False(await Barrier(0).IsBrokenAsync());
    }

    [Fact]
    public async Task The_action_runs_once_before_anybody_passes()
    {
        var runs = 0;
        var seen = await Task.WhenAll(Enumerable.Range(0, Parties).Select(async party =>
        {
            await Barrier(party, async cancellationToken =>
            {
                await Task.Delay(Soon, cancellationToken);
                Interlocked.Increment(ref runs);
            }).WaitAsync(Limit);
            return Volatile.Read(ref runs);
        }));
        Assert.All(seen, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task An_action_that_throws_breaks_it_for_the_others()
    {
        var waits = Enumerable.Range(0, Parties).Select(party => Barrier(party, _ => throw new FormatException("of the action")).WaitAsync(Limit)).ToList();
        var errors = await Task.WhenAll(waits.Select(ErrorOfAsync));
        Assert.Single(errors.OfType<FormatException>());
        Assert.Equal(Parties - 1, errors.OfType<BrokenBarrierException>().Count());
    }

    [Fact]
    public async Task An_abort_breaks_it_for_all_until_it_is_reset()
    {
        var waits = Enumerable.Range(0, Parties - 1).Select(party => Barrier(party).WaitAsync(Limit)).ToList();
        await UntilWaitingAsync(Parties - 1);
        await Barrier(0).AbortAsync();
        Assert.All(await Task.WhenAll(waits.Select(ErrorOfAsync)), error => Assert.IsType<BrokenBarrierException>(error));
        Assert.True(await Barrier(1).IsBrokenAsync());
        await Assert.ThrowsAsync<BrokenBarrierException>(() => Barrier(1).WaitAsync(Limit));
        await Barrier(1).ResetAsync();
        await Task.WhenAll(Enumerable.Range(0, Parties).Select(party => Barrier(party).WaitAsync(Limit)));
    }

    [Fact]
    public async Task A_reset_frees_those_who_wait_and_all_pass_next_time()
    {
        var waits = Enumerable.Range(0, Parties - 1).Select(party => Barrier(party).WaitAsync(Limit)).ToList();
        await UntilWaitingAsync(Parties - 1);
        await Barrier(0).ResetAsync();
        Assert.All(await Task.WhenAll(waits.Select(ErrorOfAsync)), error => Assert.IsType<BrokenBarrierException>(error));
        await Task.WhenAll(Enumerable.Range(0, Parties).Select(party => Barrier(party).WaitAsync(Limit)));
    }

    [Fact]
    public async Task One_that_does_not_come_in_time_breaks_it_for_all()
    {
        var waits = Enumerable.Range(0, Parties - 1).Select(party => Barrier(party).WaitAsync(party == 0 ? Soon : Limit)).ToList();
        Assert.All(await Task.WhenAll(waits.Select(ErrorOfAsync)), error => Assert.IsType<BrokenBarrierException>(error));
        await Assert.ThrowsAsync<BrokenBarrierException>(() => Barrier(0).WaitAsync(Limit));
        Assert.True(await Barrier(0).IsBrokenAsync());
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_breaks_it()
    {
        using var cancelled = new CancellationTokenSource();
        var waits = new[] { Barrier(0).WaitAsync(Limit, cancelled.Token), Barrier(1).WaitAsync(Limit) };
        await UntilWaitingAsync(2);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits[0]);
        await Assert.ThrowsAsync<BrokenBarrierException>(() => waits[1]);
    }

    [Fact]
    public async Task Its_own_timeout_holds_where_a_wait_names_none_and_one_party_passes_alone()
    {
        await Assert.ThrowsAsync<BrokenBarrierException>(() => One.Barrier(Name, 2, timeout: Soon).WaitAsync());
        Assert.Equal(0, await One.Barrier($"{Name}-1", 1).WaitAsync());
        Assert.Equal(0, await One.Barrier($"{Name}-1", 1).WaitAsync());
    }

    private BrokerBarrier Barrier(int party, Func<CancellationToken, Task>? action = null) => (party % 2 == 0 ? One : Other).Barrier(Name, Parties, action);

    private async Task UntilWaitingAsync(int parties)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (await Barrier(0).WaitingAsync(limit.Token) != parties)
            await Task.Yield();
    }
}
