using Broker.Contracts.Messages;
using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal abstract record ListOperation : Operation
{
    public override PrimitiveState NewState() => new ListState();
}

/// <summary>Puts values in the place of others: of none to insert or append, of one to set, none in the place of some to remove. Outcome: the values that were there, or <see cref="Refused"/>.</summary>
/// <param name="Start">The index of the first; one from the end is its complement, so that ~0 is behind the last.</param>
/// <param name="Count">How many are replaced; null is all from there on.</param>
internal sealed record ListSplice(int Start, int? Count, IReadOnlyList<RawJson> Values) : ListOperation;

/// <summary>Removes the first element that is equal. Outcome: whether there was one.</summary>
internal sealed record ListRemove(RawJson Value) : ListOperation;

internal sealed class ListState : PrimitiveState
{
    public List<RawJson> Elements { get; set; } = [];

    public long Size { get; set; }

    public override object? Apply(Operation operation, in LogPlace place) => operation switch
    {
        ListSplice splice => Splice(splice),
        ListRemove remove => IndexOf(remove.Value) is var at and >= 0 && Splice(new ListSplice(at, 1, [])) is IReadOnlyList<RawJson>,
        _ => null,
    };

    public int IndexOf(RawJson value) => Elements.FindIndex(element => Json.Same(element, value));

    private object Splice(ListSplice splice)
    {
        var start = splice.Start < 0 ? Elements.Count - ~splice.Start : splice.Start;
        var count = splice.Count ?? Elements.Count - start;
        if (start < 0 || count < 0 || start > Elements.Count - count)
            return new Refused(Refusal.OutOfRange, Elements.Count);
        var removed = Elements.GetRange(start, count);
        var size = Size + StateSize.Of(splice.Values) - StateSize.Of(removed);
        if (size > StateSize.Limit)
            return new Refused(Refusal.TooLarge);
        Elements.RemoveRange(start, count);
        Elements.InsertRange(start, splice.Values);
        Size = size;
        return removed;
    }
}
