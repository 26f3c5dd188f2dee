using Broker.Contracts.Messages;
using Broker.Primitives.Log;

namespace Broker.Primitives.States;

internal abstract record ListOperation : Operation
{
    public override PrimitiveState NewState() => new ListState();
}

/// <summary>
/// Puts values in the place of a range: of an empty one to insert or append, of one element to set it, none in the place of some to remove them. Outcome: the values that were there, or
/// <see cref="Refused"/>.
/// </summary>
/// <param name="Start">The index of the first; one from the end is a complement, so that ~0 is behind the last.</param>
/// <param name="End">The index behind the last.</param>
internal sealed record ListSplice(int Start, int End, IReadOnlyList<RawJson> Values) : ListOperation;

/// <summary>Removes the first element that is equal. Outcome: whether there was one.</summary>
internal sealed record ListRemove(RawJson Value) : ListOperation;

internal sealed class ListState : PrimitiveState
{
    public List<RawJson> Elements { get; set; } = [];

    public long Size { get; set; }

    public override object? Apply(Operation operation, in LogPlace place) => operation switch
    {
        ListSplice splice => Splice(splice),
        ListRemove remove => IndexOf(remove.Value) is var at and >= 0 && Splice(new ListSplice(at, at + 1, [])) is List<RawJson>,
        _ => null,
    };

    public int IndexOf(RawJson value) => Elements.FindIndex(element => Json.Same(element, value));

    /// <summary>The elements of a range; null where it does not lie in the list.</summary>
    public List<RawJson>? Range(int start, int end)
    {
        (start, end) = (At(start), At(end));
        return start >= 0 && start <= end && end <= Elements.Count ? Elements.GetRange(start, end - start) : null;
    }

    private int At(int index) => index < 0 ? Elements.Count - ~index : index;

    private object Splice(ListSplice splice)
    {
        if (Range(splice.Start, splice.End) is not { } removed)
            return new Refused(Refusal.OutOfRange, Elements.Count);
        var size = Size + StateSize.Of(splice.Values) - StateSize.Of(removed);
        if (size > StateSize.Limit)
            return new Refused(Refusal.TooLarge);
        var start = At(splice.Start);
        Elements.RemoveRange(start, removed.Count);
        Elements.InsertRange(start, splice.Values);
        Size = size;
        return removed;
    }
}
