using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

public sealed class When_a_state_would_grow_too_large
{
    private static readonly Refused TooLarge = new(Refusal.TooLarge);

    private readonly FoldedState _fold = new();

    [Fact]
    public void A_dictionary_refuses_and_is_as_before()
    {
        var large = FoldedState.Json(new string('x', 600_000));
        _fold.Apply(new DictionarySet("a", large, null));
        Assert.Equal(TooLarge, _fold.Apply(new DictionarySet("b", large, null)));
        Assert.Equal(TooLarge, _fold.Apply(new DictionaryUpdate([new("small", FoldedState.Json(1)), new("b", large)])));
        Assert.Equal(["a"], _fold.State<DictionaryState>().Entries.Keys);
        Assert.Equal(1, _fold.State<DictionaryState>().Version);
        Assert.True(((ValueChange)_fold.Apply(new DictionarySet("a", large, null))!).Done);
        Assert.Equal(true, _fold.Apply(new DictionaryUpdate([new("a", FoldedState.Json(1)), new("b", large)])));
    }

    [Fact]
    public void A_list_refuses_and_is_as_before()
    {
        var large = FoldedState.Json(new string('x', 600_000));
        _fold.Apply(new ListSplice(0, 0, [large]));
        Assert.Equal(TooLarge, _fold.Apply(new ListSplice(~0, ~0, [large])));
        Assert.Single(_fold.State<ListState>().Elements);
        Assert.IsNotType<Refused>(_fold.Apply(new ListSplice(0, 1, [large])));
    }

    [Fact]
    public void Of_a_key_that_is_set_twice_at_once_the_last_value_counts()
    {
        _fold.Apply(new DictionaryUpdate([new("a", FoldedState.Json(1)), new("b", FoldedState.Json(2)), new("a", FoldedState.Json(3))]));
        Assert.Equal(["3", "2"], _fold.State<DictionaryState>().Entries.Values.Select(entry => FoldedState.Text(entry.Value)));
        Assert.Equal(_fold.State<DictionaryState>().Entries.Sum(entry => StateSize.Of(entry.Key, entry.Value.Value)), _fold.State<DictionaryState>().Size);
    }
}
