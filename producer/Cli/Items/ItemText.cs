using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;

namespace Broker.Producer.Cli.Items;

/// <summary>An item as written on the command line or in a file: JSON if it parses, otherwise text.</summary>
internal static class ItemText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The item as JSON. Valid JSON is returned without a copy.</summary>
    /// <exception cref="InvalidConfigurationException">Not UTF-8, or JSON that is nested too deep.</exception>
    public static ReadOnlyMemory<byte> ToJson(ReadOnlyMemory<byte> text)
    {
        if (JsonItem.IsWholeNumber(text.Span))
            return text;
        RequireUtf8(text.Span);
        return IsJson(text.Span) ? text : Quote(Encoding.UTF8.GetString(text.Span));
    }

    public static ReadOnlyMemory<byte> ToJson(string text) => ToJson(Encoding.UTF8.GetBytes(text));

    /// <summary>A file's text as a JSON string.</summary>
    /// <exception cref="InvalidConfigurationException">Not UTF-8.</exception>
    public static ReadOnlyMemory<byte> Quote(ReadOnlySpan<byte> text)
    {
        RequireUtf8(text);
        return Quote(Encoding.UTF8.GetString(text));
    }

    private static ReadOnlyMemory<byte> Quote(string text) => JsonSerializer.SerializeToUtf8Bytes(text, PayloadJson.Options);

    private static void RequireUtf8(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
            return;
        try
        {
            Strict.GetCharCount(text);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidConfigurationException($"not UTF-8: byte 0x{text[e.Index]:x2} at offset {e.Index}", e);
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        // No limit here: what is nested too deep would otherwise travel as a text.
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = int.MaxValue });
        var depth = 0;
        try
        {
            if (!reader.Read())
                return false;
            // Read to the end, to find a missing bracket or text after the value.
            do
            {
                depth = Math.Max(depth, reader.CurrentDepth);
            }
            while (reader.Read());
        }
        catch (JsonException)
        {
            return false;
        }

        // The depth of a value counts from 0, and an array is one deeper than its place.
        return depth < MessageJson.MaxItemDepth ? true : throw new InvalidConfigurationException($"JSON nested deeper than {MessageJson.MaxItemDepth} levels");
    }
}
