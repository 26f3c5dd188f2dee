using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Broker.Contracts.Messages;

/// <summary>Reads a message whose <see cref="RawJson"/> values then are parts of the body, not copies of them: a chunk is thousands of items.</summary>
internal static class MessageBody
{
    [ThreadStatic]
    private static ReadOnlyMemory<byte> _body;

    /// <param name="body">Must not change afterwards.</param>
    /// <exception cref="JsonException">It is no such message.</exception>
    public static T? Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
    {
        _body = body;
        try
        {
            return JsonSerializer.Deserialize(body.Span, type);
        }
        finally
        {
            _body = default;
        }
    }

    /// <summary>
    /// The part of the body of so many bytes that begins with <paramref name="start"/>, a copy where it is so small that it must not keep the whole in
    /// memory; empty where it does not lie in the body.
    /// </summary>
    public static ReadOnlyMemory<byte> Part(ReadOnlySpan<byte> start, int length)
    {
        if (!_body.Span.Overlaps(start, out var offset) || offset < 0 || length > _body.Length - offset)
            return default;
        var part = _body.Slice(offset, length);
        return length > _body.Length / 2 ? part : part.ToArray();
    }
}
