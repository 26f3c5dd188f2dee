using Broker.Contracts.Messages;

namespace Broker.Primitives.States;

/// <summary>Values as the states know them: the JSON that their owner wrote, which is kept and compared unread.</summary>
internal static class Json
{
    public static bool IsNull(RawJson value) => value.Utf8.IsEmpty || value.Utf8.Span.SequenceEqual("null"u8);

    public static bool Same(RawJson one, RawJson other) => one.Utf8.Span.SequenceEqual(other.Utf8.Span) || (IsNull(one) && IsNull(other));
}
