using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Contracts.Messages;

/// <summary>
/// A JSON value carried as its UTF-8 bytes, unread. Items and results pass through the producer and the bus this way: only the
/// handler's side pays for understanding them.
/// </summary>
/// <param name="Utf8">One complete JSON value; empty means <c>null</c>.</param>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(ReadOnlyMemory<byte> Utf8);

internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.StartArray && !reader.HasValueSequence)
        {
            var ahead = reader;
            ahead.Skip();
            if (MessageBody.Part(reader.ValueSpan, (int)(ahead.BytesConsumed - reader.TokenStartIndex)) is { IsEmpty: false } part)
            {
                reader = ahead;
                return new RawJson(part);
            }
        }

        using var document = JsonDocument.ParseValue(ref reader);
        return new RawJson(JsonMarshal.GetRawUtf8Value(document.RootElement).ToArray());
    }

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options)
    {
        if (value.Utf8.IsEmpty)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }
}
