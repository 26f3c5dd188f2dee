using System.Text;
using System.Text.Json;
using Broker.Contracts;

namespace Broker.Producer.Cli.Items;

/// <summary>An item as written on the command line or in a file: JSON if it parses, otherwise text.</summary>
internal static class ItemText
{
    /// <summary>The item as JSON. Valid JSON is returned without a copy.</summary>
    public static ReadOnlyMemory<byte> ToJson(ReadOnlyMemory<byte> text) => IsJson(text.Span) ? text : Quote(Encoding.UTF8.GetString(text.Span));

    public static ReadOnlyMemory<byte> ToJson(string text) => ToJson(Encoding.UTF8.GetBytes(text));

    /// <summary>A text as a JSON string.</summary>
    public static ReadOnlyMemory<byte> Quote(string text) => JsonSerializer.SerializeToUtf8Bytes(text, PayloadJson.Options);

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            if (!reader.Read())
                return false;
            // Read to the end, to find a missing bracket or text after the value.
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
