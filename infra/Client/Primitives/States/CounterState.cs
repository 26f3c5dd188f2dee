using Broker.Primitives.Log;

namespace Broker.Primitives.States;

/// <param name="Initial">The count of a name before its first operation.</param>
internal abstract record CounterOperation(long Initial) : Operation
{
    public override PrimitiveState NewState() => new CounterState { Count = Initial };
}

/// <summary>Outcome: the count afterwards, or <see cref="Refused"/>.</summary>
internal sealed record CounterGive(long Initial, int Units) : CounterOperation(Initial);

/// <summary>Takes a unit. Outcome: true; null where none was taken.</summary>
/// <param name="Id">The wait.</param>
/// <param name="Waits">Whether it enters the line, or goes on waiting there. One that does not takes a unit that is there, whoever waits for it.</param>
internal sealed record CounterTake(long Initial, Guid Id, bool Waits) : CounterOperation(Initial);

/// <summary>Ends a wait. Outcome: null.</summary>
internal sealed record CounterLeave(long Initial, Guid Id) : CounterOperation(Initial);

/// <summary>Outcome: whether it was passed over.</summary>
internal sealed record CounterPass(long Initial, Waiter Silent) : CounterOperation(Initial);

internal sealed class CounterState : PrimitiveState
{
    public long Count { get; set; }

    public WaitLine Line { get; set; } = new();

    public override object? Apply(Operation operation, in LogPlace place)
    {
        switch (operation)
        {
            case CounterGive give:
                return give.Units > long.MaxValue - Count ? new Refused(Refusal.Overflow) : Count += give.Units;
            case CounterTake take:
                var taken = take.Waits ? Line.Enter(take.Id, Count, place) : Count > 0;
                if (!take.Waits)
                    Line.Leave(take.Id);
                Count -= taken ? 1 : 0;
                return taken ? true : null;
            case CounterLeave leave:
                Line.Leave(leave.Id);
                return null;
            case CounterPass pass:
                return Line.Pass(pass.Silent, Count);
            default:
                return null;
        }
    }
}
