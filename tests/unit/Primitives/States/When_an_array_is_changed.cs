using Broker.Contracts.Messages;
using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

public sealed class When_an_array_is_changed
{
    private readonly FoldedState _fold = new();

    [Fact]
    public void A_range_is_set_whole_or_not_at_all()
    {
        Assert.Equal(true, Set(1, 10, 20));
        Assert.Equal("null,10,20,null", Elements());
        Assert.Equal(new Refused(Refusal.OutOfRange, 4), Set(3, 30, 40));
        Assert.Equal(new Refused(Refusal.OutOfRange, 4), Set(-1, 30));
        Assert.Equal(true, Set(4));
        Assert.Equal("null,10,20,null", Elements());
    }

    [Fact]
    public void An_element_is_added_to()
    {
        Assert.Equal("5", FoldedState.Text(Assert.IsType<RawJson>(_fold.Apply(new ArrayAdd(4, 2, FoldedState.Json(5), "Int32")))));
        Assert.IsType<Refused>(_fold.Apply(new ArrayAdd(4, 4, FoldedState.Json(5), "Int32")));
        Assert.IsType<Refused>(_fold.Apply(new ArrayAdd(4, 2, FoldedState.Json(int.MaxValue), "Int32")));
        Assert.Equal("null,null,5,null", Elements());
    }

    [Fact]
    public void All_who_use_it_name_the_same_length()
    {
        Set(0, 1);
        Assert.Equal(new Refused(Refusal.OtherLength, 4), _fold.Apply(new ArraySet(5, 0, [FoldedState.Json(1)])));
    }

    [Fact]
    public void It_stays_below_its_limit()
    {
        var large = FoldedState.Json(new string('x', 400_000));
        Assert.Equal(true, _fold.Apply(new ArraySet(4, 0, [large, large])));
        Assert.Equal(new Refused(Refusal.TooLarge), _fold.Apply(new ArraySet(4, 2, [large])));
        Assert.Equal(true, Set(0, 1));
        Assert.Equal(true, _fold.Apply(new ArraySet(4, 2, [large])));
    }

    private object? Set(int start, params int[] values) => _fold.Apply(new ArraySet(4, start, [.. values.Select(value => FoldedState.Json(value))]));

    private string Elements() => string.Join(',', _fold.State<ArrayState>().Elements.Select(FoldedState.Text));
}
