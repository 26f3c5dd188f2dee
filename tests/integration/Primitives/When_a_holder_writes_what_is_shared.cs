using Broker.Primitives.Log;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_a_holder_writes_what_is_shared : TwoProcesses
{
    [Fact]
    public async Task One_that_lost_the_lock_without_noticing_changes_nothing_that_the_next_has_seen()
    {
        await using var old = await One.Lock(Name).AcquireAsync(Limit);
        var (value, dictionary, list, array) = (One.Value<int>(Name).Under(old), One.Dictionary<int>(Name).Under(old), One.List<int>(Name).Under(old), One.Array<int>(Name, 3).Under(old));
        await value.SetAsync(1);
        await dictionary.SetAsync("a", 1);
        await list.AppendAsync(1);
        await array.SetAsync(0, 1);

        await Other.Lock(Name).BreakAsync();
        await using var next = await Other.Lock(Name).AcquireAsync(Limit);
        Assert.True(next.Fence > old.Fence);
        // Until the next begins, the old one's writes are seen by it.
        await value.SetAsync(2);
        Assert.Equal(2, await Other.Value<int>(Name).Under(next).GetAsync());
        Assert.Equal(1, await Other.Dictionary<int>(Name).Under(next).GetAsync("a"));
        Assert.Equal(1, await Other.List<int>(Name).Under(next).CountAsync());
        await Other.Array<int>(Name, 3).Under(next).SetAsync(1, 5);

        await Assert.ThrowsAsync<FencedException>(() => value.SetAsync(3));
        await Assert.ThrowsAsync<FencedException>(() => value.GetAsync());
        await Assert.ThrowsAsync<FencedException>(() => dictionary.SetAsync("a", 3));
        await Assert.ThrowsAsync<FencedException>(() => list.ClearAsync());
        await Assert.ThrowsAsync<FencedException>(() => array.SetAsync(0, 3));
        Assert.Equal(2, await One.Value<int>(Name).GetAsync());
        Assert.Equal([1, 5, 0], await One.Array<int>(Name, 3).GetAllAsync());
    }

    [Fact]
    public async Task Of_many_who_read_and_write_in_turn_no_update_is_lost()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            var client = number % 2 == 0 ? One : Other;
            for (var round = 0; round < 10; round++)
            {
                await using var hold = await client.Lock(Name).AcquireAsync(Limit);
                var value = client.Value<int>(Name).Under(hold);
                await value.SetAsync(await value.GetAsync() + 1);
            }
        }));
        Assert.Equal(80, await One.Value<int>(Name).GetAsync());
    }
}
