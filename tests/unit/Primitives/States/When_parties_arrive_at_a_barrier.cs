using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

public sealed class When_parties_arrive_at_a_barrier
{
    private readonly FoldedState _fold = new();

    private BarrierState State => _fold.State<BarrierState>();

    [Fact]
    public void The_last_lets_all_pass_and_the_next_round_begins()
    {
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(new BarrierArrival(BarrierStep.Waits, round, 0, 3), Arrive());
            Assert.Equal(new BarrierArrival(BarrierStep.Waits, round, 1, 3), Arrive());
            Assert.Equal(BarrierEnd.None, State.EndOf(round));
            Assert.Equal(new BarrierArrival(BarrierStep.Passes, round, 2, 3), Arrive());
            Assert.Equal(BarrierEnd.Passed, State.EndOf(round));
        }
    }

    [Fact]
    public void Nobody_passes_before_the_action_has_run()
    {
        Arrive();
        Arrive();
        Assert.Equal(BarrierStep.Acts, Arrive(acts: true).Step);
        Assert.Equal(BarrierEnd.None, State.EndOf(0));
        Assert.Equal(BarrierStep.ComesLater, Arrive().Step);
        Assert.Equal(true, _fold.Apply(new BarrierOpen(0)));
        Assert.Equal(BarrierEnd.Passed, State.EndOf(0));
        Assert.Equal(new BarrierArrival(BarrierStep.Waits, 1, 0, 3), Arrive());
    }

    [Fact]
    public void A_timeout_after_all_have_passed_breaks_nothing()
    {
        for (var party = 0; party < 3; party++)
            Arrive();
        Assert.Equal(BarrierEnd.Passed, _fold.Apply(new BarrierBreak(0)));
        Assert.Equal(BarrierStep.Waits, Arrive().Step);
    }

    [Fact]
    public void A_timeout_while_the_action_runs_breaks_it_for_all()
    {
        Arrive();
        Arrive();
        Arrive(acts: true);
        Assert.Equal(BarrierEnd.Broken, _fold.Apply(new BarrierBreak(0)));
        Assert.Equal(false, _fold.Apply(new BarrierOpen(0)));
        Assert.Equal(BarrierStep.Broken, Arrive().Step);
    }

    [Fact]
    public void A_reset_breaks_the_round_of_those_who_wait_and_no_later_one()
    {
        Arrive();
        _fold.Apply(new BarrierReset());
        Assert.Equal(BarrierEnd.Broken, State.EndOf(0));
        Assert.Equal(new BarrierArrival(BarrierStep.Waits, 1, 0, 3), Arrive());
        _fold.Apply(new BarrierBreak(null));
        Assert.True(State.IsBroken);
        _fold.Apply(new BarrierReset());
        Assert.Equal([BarrierEnd.Broken, BarrierEnd.Broken, BarrierEnd.None], [State.EndOf(0), State.EndOf(1), State.EndOf(2)]);
        _fold.Apply(new BarrierReset());
        Assert.Equal(2, State.Generation);
    }

    [Fact]
    public void Parties_of_another_number_are_refused_while_some_wait()
    {
        Arrive();
        Assert.Equal(BarrierStep.OtherParties, Arrive(parties: 2).Step);
        _fold.Apply(new BarrierReset());
        Assert.Equal(BarrierStep.Waits, Arrive(parties: 2).Step);
        Assert.Equal(BarrierStep.Passes, Arrive(parties: 2).Step);
    }

    [Fact]
    public void Of_a_barrier_that_was_forgotten_nobody_passes() => Assert.Equal(BarrierEnd.Broken, new BarrierState { Generation = 1 }.EndOf(7));

    private BarrierArrival Arrive(bool acts = false, int parties = 3) => Assert.IsType<BarrierArrival>(_fold.Apply(new BarrierArrive(parties, acts)));
}
