using Broker.Primitives;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_values_are_shared : TwoProcesses
{
    [Fact]
    public async Task What_one_sets_the_other_gets()
    {
        var (here, there) = (One.Value<string>(Name), Other.Value<string>(Name));
        Assert.Equal(new BrokerVersioned<string>(null, 0), await there.ReadAsync());
        Assert.Equal(1, await here.SetAsync("first"));
        Assert.Equal("first", await there.GetAsync());
        Assert.Equal(2, await there.SetAsync("second"));
        Assert.Equal(new BrokerVersioned<string>("second", 2), await here.ReadAsync());
        Assert.Equal("second", await here.GetAsync(consistent: false));
    }

    [Fact]
    public async Task Of_many_who_compare_with_the_same_version_one_succeeds_and_the_others_see_its_value()
    {
        for (var version = 0; version < 10; version++)
        {
            var tries = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => (number % 2 == 0 ? One : Other).Value<int>(Name).CompareAndSetAsync(version, number)));
            var winner = Assert.Single(tries, result => result.Done);
            Assert.All(tries, result => Assert.Equal(winner.Current, result.Current));
            Assert.Equal(version + 1, winner.Current.Version);
        }
    }

    [Fact]
    public async Task No_addition_is_lost()
    {
        await Task.WhenAll(Enumerable.Range(1, 200).Select(number => (number % 2 == 0 ? One : Other).Value<long>(Name).AddAsync(number)));
        Assert.Equal(200 * 201 / 2, await Other.Value<long>(Name).GetAsync());
        Assert.Equal(0.5, await One.Value<double>($"{Name}-d").AddAsync(0.5));
        Assert.Equal(0.75, await Other.Value<double>($"{Name}-d").AddAsync(0.25));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_and_changes_nothing()
    {
        var value = One.Value<int>(Name);
        await value.SetAsync(int.MaxValue);
        await Assert.ThrowsAsync<OverflowException>(() => value.AddAsync(1));
        await Assert.ThrowsAsync<PrimitiveTooLargeException>(() => One.Value<string>(Name).SetAsync(new string('x', 1024 * 1024)));
        Assert.Equal(int.MaxValue, await value.GetAsync());
        await One.Value<string>(Name).SetAsync("text");
        await Assert.ThrowsAsync<InvalidOperationException>(() => value.AddAsync(1));
    }

    [Fact]
    public async Task An_array_is_read_and_written_by_index_and_by_range()
    {
        var (here, there) = (One.Array<int>(Name, 5), Other.Array<int>(Name, 5));
        Assert.Equal([0, 0, 0, 0, 0], await there.GetAllAsync());
        await here.SetRangeAsync(1, [1, 2, 3]);
        await there.SetAsync(4, 9);
        Assert.Equal(2, await there.GetAsync(2));
        Assert.Equal([1, 2, 3, 9], await here.GetRangeAsync(1, 4));
        Assert.Equal(10, await here.AddAsync(4, 1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => here.GetAsync(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = here.SetRangeAsync(4, [1, 2]); });
        await Assert.ThrowsAsync<InvalidOperationException>(() => One.Array<int>(Name, 6).SetAsync(0, 1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Other.Array<int>(Name, 4).GetAllAsync());
        Assert.Equal([0, 1, 2, 3, 10], await there.GetAllAsync());
    }

    [Fact]
    public async Task A_dictionary_has_the_operations_of_a_dictionary()
    {
        var (here, there) = (One.Dictionary<int>(Name), Other.Dictionary<int>(Name));
        Assert.Equal(1, await here.SetAsync("a", 1));
        Assert.Equal((true, new BrokerVersioned<int>(2, 2)), await there.SetIfAbsentAsync("b", 2));
        Assert.Equal((false, new BrokerVersioned<int>(2, 2)), await here.SetIfAbsentAsync("b", 3));
        Assert.Equal((false, new BrokerVersioned<int>(1, 1)), await here.CompareAndSetAsync("a", 2, 5));
        Assert.Equal((true, new BrokerVersioned<int>(5, 3)), await here.CompareAndSetAsync("a", 1, 5));
        await there.UpdateAsync([new("c", 7), new("a", 6)]);
        Assert.Equal([new("a", 6), new("b", 2), new("c", 7)], await here.GetItemsAsync());
        Assert.Equal(3, await here.CountAsync());
        Assert.Equal(9, await there.AddAsync("b", 7));
        Assert.Equal(7, await there.AddAsync("d", 7));
        Assert.Equal((true, 9), await here.RemoveAsync("b"));
        Assert.Equal((false, 0), await there.RemoveAsync("b"));
        Assert.Equal(new KeyValuePair<string, int>("d", 7), await there.RemoveLastAsync());
        Assert.Equal(6, await there.GetAsync("a"));
        Assert.Equal(new BrokerVersioned<int>(0, 0), await there.ReadAsync("none"));
        Assert.Equal(2, await here.ClearAsync());
        Assert.Null(await there.RemoveLastAsync());
    }

    [Fact]
    public async Task A_list_has_the_operations_of_a_list()
    {
        var (here, there) = (One.List<string>(Name), Other.List<string>(Name));
        await here.ExtendAsync(["a", "b", "c"]);
        await there.AppendAsync("d");
        await there.InsertAsync(1, "x");
        Assert.Equal(["a", "x", "b", "c", "d"], await here.GetAllAsync());
        Assert.Equal("d", await here.RemoveAtAsync(^1));
        await here.SetAsync(^1, "C");
        await there.SetRangeAsync(1..3, ["1", "2", "3"]);
        Assert.Equal(["1", "2", "3", "C"], await here.GetRangeAsync(1..));
        Assert.Equal("3", await there.GetAsync(^2));
        Assert.Equal(2, await there.IndexOfAsync("2"));
        Assert.True(await here.RemoveAsync("2"));
        Assert.False(await here.RemoveAsync("2"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => there.RemoveAtAsync(4));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => there.GetAsync(4));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => there.SetAsync(^0, "none"));
        Assert.Equal(4, await there.ClearAsync());
        Assert.Equal(0, await here.CountAsync());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => there.RemoveAtAsync(^1));
    }
}
