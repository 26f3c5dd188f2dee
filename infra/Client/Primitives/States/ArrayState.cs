using Broker.Contracts.Messages;
using Broker.Primitives.Log;

namespace Broker.Primitives.States;

/// <param name="Length">That of the array: the first operation makes it so long, and every other must name the same.</param>
internal abstract record ArrayOperation(int Length) : Operation
{
    public override PrimitiveState NewState() => new ArrayState { Elements = [.. new RawJson[Length]], Size = Length * StateSize.Of(default(RawJson)) };
}

/// <summary>Sets elements that lie side by side. Outcome: true, or <see cref="Refused"/>.</summary>
internal sealed record ArraySet(int Length, int Start, IReadOnlyList<RawJson> Values) : ArrayOperation(Length);

/// <summary>Outcome: the sum as <see cref="RawJson"/>, or <see cref="Refused"/>.</summary>
internal sealed record ArrayAdd(int Length, int Index, RawJson Delta, string Type) : ArrayOperation(Length);

internal sealed class ArrayState : PrimitiveState
{
    public List<RawJson> Elements { get; set; } = [];

    public long Size { get; set; }

    public override object? Apply(Operation operation, in LogPlace place) => operation switch
    {
        ArrayOperation other when other.Length != Elements.Count => new Refused(Refusal.OtherLength, Elements.Count),
        ArraySet set => Set(set.Start, set.Values),
        ArrayAdd add when !Holds(add.Index, 1) => new Refused(Refusal.OutOfRange, Elements.Count),
        ArrayAdd add => Numbers.Add(add.Type, Elements[add.Index], add.Delta) switch
        {
            RawJson sum => Set(add.Index, [sum]) is Refused refused ? refused : sum,
            var refused => refused,
        },
        _ => null,
    };

    private bool Holds(int start, int count) => start >= 0 && count >= 0 && start <= Elements.Count - count;

    private object Set(int start, IReadOnlyList<RawJson> values)
    {
        if (!Holds(start, values.Count))
            return new Refused(Refusal.OutOfRange, Elements.Count);
        var size = Size + StateSize.Of(values) - StateSize.Of(Elements.GetRange(start, values.Count));
        if (size > StateSize.Limit)
            return new Refused(Refusal.TooLarge);
        for (var at = 0; at < values.Count; at++)
            Elements[start + at] = values[at];
        Size = size;
        return true;
    }
}
