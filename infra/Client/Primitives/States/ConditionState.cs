using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal abstract record ConditionOperation : Operation
{
    public override PrimitiveState NewState() => new ConditionState();
}

/// <summary>Registers a waiter. Outcome: true.</summary>
internal sealed record ConditionWait(Guid Id) : ConditionOperation;

/// <summary>Wakes the waiters that registered first. Outcome: how many.</summary>
/// <param name="Count">How many at most.</param>
internal sealed record ConditionNotify(int Count) : ConditionOperation;

/// <summary>Ends a wait. Outcome: whether it was waiting; if not, a notification came before.</summary>
internal sealed record ConditionCancel(Guid Id) : ConditionOperation;

internal sealed class ConditionState : PrimitiveState
{
    /// <summary>In the order of their registration; a waiter that is notified is taken out.</summary>
    public List<Guid> Waiters { get; set; } = [];

    public override object? Apply(Operation operation, in LogPlace place)
    {
        switch (operation)
        {
            case ConditionWait wait:
                if (!Waiters.Contains(wait.Id))
                    Waiters.Add(wait.Id);
                return true;
            case ConditionNotify notify:
                var woken = Math.Clamp(notify.Count, 0, Waiters.Count);
                Waiters.RemoveRange(0, woken);
                return woken;
            case ConditionCancel cancel:
                return Waiters.Remove(cancel.Id);
            default:
                return null;
        }
    }
}
