using Broker.Contracts.Messages;
using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal abstract record DictionaryOperation : Operation
{
    public override PrimitiveState NewState() => new DictionaryState();
}

/// <summary>Outcome: a <see cref="ValueChange"/> with the entry's version, 0 where there is no entry; or <see cref="Refused"/>.</summary>
/// <param name="Version">The version that the entry must have, 0 for none; null sets it whatever it is.</param>
internal sealed record DictionarySet(string Key, RawJson Value, long? Version) : DictionaryOperation;

/// <summary>Sets many, all or none. Outcome: true, or <see cref="Refused"/>.</summary>
internal sealed record DictionaryUpdate(IReadOnlyList<DictionaryItem> Items) : DictionaryOperation;

/// <summary>Adds to a number; one that is missing counts as zero. Outcome: the sum as <see cref="RawJson"/>, or <see cref="Refused"/>.</summary>
/// <param name="Type">As <see cref="Numbers.TypeOf"/> names it.</param>
internal sealed record DictionaryAdd(string Key, RawJson Delta, string Type) : DictionaryOperation;

/// <summary>Removes an entry. Outcome: it as a <see cref="DictionaryItem"/>; null where it is missing, or has another version.</summary>
/// <param name="Version">The version that it must have; null removes it whatever it is.</param>
internal sealed record DictionaryRemove(string Key, long? Version) : DictionaryOperation;

/// <summary>Removes the entry that was added last. Outcome: it as a <see cref="DictionaryItem"/>; null where there is none.</summary>
internal sealed record DictionaryPopLast : DictionaryOperation;

/// <summary>Outcome: how many entries were removed.</summary>
internal sealed record DictionaryClear : DictionaryOperation;

internal sealed record DictionaryItem(string Key, RawJson Value);
