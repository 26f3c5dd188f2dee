using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal abstract record EventOperation : Operation
{
    public override PrimitiveState NewState() => new EventState();
}

/// <summary>Outcome: whether it was not set before.</summary>
internal sealed record EventSet : EventOperation;

/// <summary>Outcome: whether it was set before.</summary>
internal sealed record EventClear : EventOperation;

/// <summary>Begins a wait. Outcome: an <see cref="EventView"/>.</summary>
internal sealed record EventLook : EventOperation;

/// <summary>An event at one place in the log: pulses after that place wake whoever looked.</summary>
internal sealed record EventView(bool IsSet, long Pulses);

internal sealed class EventState : PrimitiveState
{
    public bool IsSet { get; set; }

    /// <summary>How often it was set; by it a waiter notices a pulse that is over already.</summary>
    public long Pulses { get; set; }

    public override object? Apply(Operation operation, in LogPlace place)
    {
        var before = IsSet;
        switch (operation)
        {
            case EventSet:
                IsSet = true;
                Pulses++;
                return !before;
            case EventClear:
                IsSet = false;
                return before;
            case EventLook:
                return new EventView(IsSet, Pulses);
            default:
                return null;
        }
    }
}
