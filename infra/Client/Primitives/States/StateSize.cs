using System.Text;
using Broker.Contracts.Messages;

namespace Broker.Primitives.States;

/// <summary>
/// How large a state is in a snapshot. Every process keeps every state of a stream in memory, and a snapshot travels as one message, so a state is bounded. States count as they
/// change: each operation costs as much as it changes, not as much as there is.
/// </summary>
internal static class StateSize
{
    /// <summary>Of the values and keys of one state, with <see cref="PerElement"/> for each.</summary>
    public const long Limit = 1024 * 1024;

    /// <summary>Quotes, commas and the names of fields.</summary>
    private const int PerElement = 24;

    /// <summary>What was never set is written as null, and counts as that: it must count the same before and after a snapshot.</summary>
    public static long Of(RawJson value) => (value.Utf8.IsEmpty ? "null".Length : value.Utf8.Length) + PerElement;

    public static long Of(string key, RawJson value) => Encoding.UTF8.GetByteCount(key) + Of(value);

    public static long Of(IReadOnlyList<RawJson> values)
    {
        long size = 0;
        foreach (var value in values)
            size += Of(value);
        return size;
    }
}
