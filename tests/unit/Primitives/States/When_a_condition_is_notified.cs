using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

public sealed class When_a_condition_is_notified
{
    private readonly FoldedState _fold = new();
    private readonly Guid[] _waits = [.. Enumerable.Range(0, 6).Select(_ => Guid.NewGuid())];

    [Fact]
    public void Those_who_wait_longest_are_woken_and_no_more_than_wait()
    {
        foreach (var wait in _waits)
            _fold.Apply(new ConditionWait(wait));
        Assert.Equal(2, _fold.Apply(new ConditionNotify(2)));
        Assert.Equal(_waits[2..], _fold.State<ConditionState>().Waiters);
        Assert.Equal(4, _fold.Apply(new ConditionNotify(int.MaxValue)));
        Assert.Equal(0, _fold.Apply(new ConditionNotify(3)));
        _fold.Apply(new ConditionWait(_waits[0]));
        Assert.Equal([_waits[0]], _fold.State<ConditionState>().Waiters);
    }

    [Fact]
    public void A_wait_that_ends_knows_which_came_first()
    {
        _fold.Apply(new ConditionWait(_waits[0]));
        _fold.Apply(new ConditionWait(_waits[1]));
        _fold.Apply(new ConditionNotify(1));
        Assert.Equal(false, _fold.Apply(new ConditionCancel(_waits[0])));
        Assert.Equal(true, _fold.Apply(new ConditionCancel(_waits[1])));
        Assert.Equal(0, _fold.Apply(new ConditionNotify(1)));
    }

    [Fact]
    public void One_that_registers_twice_is_woken_once()
    {
        _fold.Apply(new ConditionWait(_waits[0]));
        _fold.Apply(new ConditionWait(_waits[0]));
        Assert.Equal(1, _fold.Apply(new ConditionNotify(2)));
    }
}
