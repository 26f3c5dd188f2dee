using Broker.Contracts.Messages;
using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal abstract record ValueOperation : Operation
{
    public override PrimitiveState NewState() => new ValueState();
}

/// <summary>Outcome: a <see cref="ValueChange"/>, or <see cref="Refused"/>.</summary>
/// <param name="Value">The new value.</param>
/// <param name="Version">The version that it must have; null sets it whatever it is.</param>
internal sealed record ValueSet(RawJson Value, long? Version) : ValueOperation;

/// <summary>Outcome: a <see cref="ValueChange"/>, or <see cref="Refused"/>.</summary>
/// <param name="Delta">What is added.</param>
/// <param name="Type">As <see cref="Numbers.TypeOf"/> names it.</param>
internal sealed record ValueAdd(RawJson Delta, string Type) : ValueOperation;

/// <summary>What came of a change of one value.</summary>
/// <param name="Done">False where its version was another; the rest then tells what is there.</param>
internal sealed record ValueChange(bool Done, RawJson Value, long Version);

internal sealed class ValueState : PrimitiveState
{
    /// <summary>Grows by one with each change; 0 is a value that was never set.</summary>
    public long Version { get; set; }

    public RawJson Value { get; set; }

    public override object? Apply(Operation operation, in LogPlace place) => operation switch
    {
        ValueSet set when set.Version is { } version && version != Version => new ValueChange(false, Value, Version),
        ValueSet set => Change(set.Value),
        ValueAdd add => Numbers.Add(add.Type, Value, add.Delta) switch
        {
            RawJson sum => Change(sum),
            var refused => refused,
        },
        _ => null,
    };

    private object Change(RawJson value)
    {
        if (StateSize.Of(value) > StateSize.Limit)
            return new Refused(Refusal.TooLarge);
        Value = value;
        return new ValueChange(true, value, ++Version);
    }
}
