using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

public sealed class When_units_are_waited_for
{
    private readonly FoldedState _fold = new();
    private readonly Guid _a = Guid.NewGuid();
    private readonly Guid _b = Guid.NewGuid();
    private readonly Guid _c = Guid.NewGuid();
    private readonly Guid _dead = Guid.NewGuid();

    private CounterState State => _fold.State<CounterState>();

    [Fact]
    public void They_are_taken_in_the_order_of_the_waits()
    {
        Assert.Null(Take(_a));
        Assert.Null(Take(_b));
        Give(1);
        Assert.Null(Take(_b));
        Assert.Equal(true, Take(_a));
        Assert.Null(Take(_c));
        Give(1);
        Assert.Null(Take(_c));
        Assert.Equal(true, Take(_b));
        Assert.Equal(0, State.Count);
    }

    [Fact]
    public void Two_units_call_two_waits()
    {
        Take(_a);
        Take(_b);
        Take(_c);
        Give(2);
        Assert.Equal([true, true, false], [Acts(_a), Acts(_b), Acts(_c)]);
        Assert.Equal(true, Take(_b));
        Assert.Equal([true, false], [Acts(_a), Acts(_c)]);
    }

    [Fact]
    public void A_try_takes_a_unit_that_is_there_and_never_waits()
    {
        Take(_a);
        Assert.Null(Take(_b, waits: false));
        Give(1);
        Assert.Equal(true, Take(_b, waits: false));
        Assert.Equal([_a], State.Line.Waiters.Select(waiter => waiter.Id));
    }

    [Fact]
    public void A_wait_whose_time_is_over_leaves_and_takes_what_is_there()
    {
        Take(_a);
        Take(_b);
        Assert.Null(Take(_a, waits: false));
        Give(1);
        Assert.Equal(true, Take(_b, waits: false));
        Assert.Empty(State.Line.Waiters);
    }

    [Fact]
    public void A_process_that_died_is_passed_over_with_all_its_waits_and_takes_nothing()
    {
        Take(_a, client: _dead);
        Take(_b);
        Take(_c, client: _dead);
        var first = State.Line.Waiters[0];
        Assert.Equal(false, _fold.Apply(new CounterPass(0, first)));
        Give(1);
        Assert.Equal(first, State.Line.Look(_b, State.Count).Called);
        Assert.Equal(true, _fold.Apply(new CounterPass(0, first)));
        Assert.Equal(false, _fold.Apply(new CounterPass(0, first)));
        Assert.Equal([_b], State.Line.Waiters.Select(waiter => waiter.Id));
        Assert.Equal(true, Take(_b));
        Assert.Equal(0, State.Count);
    }

    [Fact]
    public void One_that_was_passed_over_and_lives_enters_again()
    {
        Take(_a, client: _dead);
        Take(_b);
        Give(1);
        _fold.Apply(new CounterPass(0, State.Line.Waiters[0]));
        Assert.True(Acts(_a));
        Assert.Null(Take(_a, client: _dead));
        Assert.False(Acts(_a));
        Assert.Equal([_b, _a], State.Line.Waiters.Select(waiter => waiter.Id));
    }

    [Fact]
    public void A_name_begins_with_its_initial_count()
    {
        Assert.Equal(true, _fold.Apply(new CounterTake(2, _a, Waits: true)));
        Assert.Equal(true, _fold.Apply(new CounterTake(2, _a, Waits: true)));
        Assert.Null(_fold.Apply(new CounterTake(2, _a, Waits: true)));
    }

    [Fact]
    public void More_units_than_can_be_counted_are_refused()
    {
        _fold.Apply(new CounterGive(long.MaxValue - 1, 1));
        Assert.Equal(new Refused(Refusal.Overflow), Give(1));
        Assert.Equal(long.MaxValue, State.Count);
    }

    private bool Acts(Guid wait) => State.Line.Look(wait, State.Count).Acts;

    private object? Give(int units) => _fold.Apply(new CounterGive(0, units));

    private object? Take(Guid wait, bool waits = true, Guid? client = null) => _fold.Apply(new CounterTake(0, wait, waits), client);
}
