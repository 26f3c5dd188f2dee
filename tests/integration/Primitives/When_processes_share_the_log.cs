using Broker.Primitives.Log;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_processes_share_the_log : IAsyncLifetime
{
    private readonly string _name = $"sum-{Guid.NewGuid():N}";
    private readonly List<LogClient> _clients = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_clients.Count > 0)
            await _clients[0].Log.RemoveAsync(LogClient.KeyOf(_name), CancellationToken.None);
        foreach (var client in _clients)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task Each_operation_has_its_own_outcome_and_all_see_the_same_order()
    {
        var clients = Join(4);
        var sums = await Task.WhenAll(Enumerable.Range(0, 200).Select(turn => clients[turn % 4].AddAsync(_name, 1)));

        Assert.Equal(Enumerable.Range(1, 200).Select(static sum => (long)sum), sums.Order());
        Assert.All(await Task.WhenAll(clients.Select(client => client.NumbersAsync(_name))), numbers => Assert.Equal(200, numbers!.Count));
    }

    [Fact]
    public async Task One_that_joins_later_has_the_state_from_a_snapshot_and_what_followed()
    {
        var first = Join(1)[0];
        for (var number = 0; number < 2000; number += 100)
            await Task.WhenAll(Enumerable.Range(number, 100).Select(next => first.AddAsync(_name, next)));

        Assert.Equal(await first.NumbersAsync(_name), await Join(1)[0].NumbersAsync(_name, consistent: false));
    }

    [Fact]
    public async Task A_wait_ends_with_the_operation_of_another()
    {
        var (waiting, adding) = (Join(1)[0], Join(1)[0]);
        var wait = waiting.UntilSumAsync(_name, 3);
        await adding.AddAsync(_name, 1);
        Assert.False(wait.IsCompleted);
        await adding.AddAsync(_name, 2);
        Assert.Equal("reached", await wait.WaitAsync(RunningProgram.DefaultTimeout));
    }

    [Fact]
    public async Task An_earlier_holder_is_refused_from_the_moment_a_later_one_has_begun()
    {
        var (earlier, later) = (Join(1)[0], Join(1)[0]);
        await earlier.AddAsync(_name, 1, fence: 1);
        await later.Log.BeginAsync(LogClient.KeyOf(_name), 2, CancellationToken.None);

        await Assert.ThrowsAsync<FencedException>(() => earlier.AddAsync(_name, 10, fence: 1));
        Assert.Equal([1L], (await later.NumbersAsync(_name))!);
    }

    [Fact]
    public async Task A_removed_name_is_unused()
    {
        var client = Join(1)[0];
        await client.AddAsync(_name, 1);
        Assert.True(await client.Log.RemoveAsync(LogClient.KeyOf(_name), CancellationToken.None));
        Assert.Null(await client.NumbersAsync(_name));
        Assert.DoesNotContain(LogClient.KeyOf(_name), await client.Log.ListAsync(CancellationToken.None));
        Assert.False(await client.Log.RemoveAsync(LogClient.KeyOf(_name), CancellationToken.None));
    }

    private List<LogClient> Join(int count)
    {
        var joined = Enumerable.Range(0, count).Select(_ => new LogClient(TestBroker.Require())).ToList();
        _clients.AddRange(joined);
        return joined;
    }
}
