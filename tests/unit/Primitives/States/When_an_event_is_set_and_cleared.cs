using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

public sealed class When_an_event_is_set_and_cleared
{
    private readonly FoldedState _fold = new();

    [Fact]
    public void Each_says_what_it_changed()
    {
        Assert.Equal(false, _fold.Apply(new EventClear()));
        Assert.Equal(true, _fold.Apply(new EventSet()));
        Assert.Equal(false, _fold.Apply(new EventSet()));
        Assert.True(_fold.State<EventState>().IsSet);
        Assert.Equal(true, _fold.Apply(new EventClear()));
        Assert.False(_fold.State<EventState>().IsSet);
    }

    [Fact]
    public void A_pulse_is_seen_after_it_is_over()
    {
        Assert.Equal(new EventView(false, 0), _fold.Apply(new EventLook()));
        _fold.Apply(new EventSet());
        _fold.Apply(new EventClear());
        Assert.Equal(new EventView(false, 1), _fold.Apply(new EventLook()));
    }
}
