using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>What can travel as an item: one JSON value that the message around it leaves room for.</summary>
internal static class JsonItem
{
    /// <exception cref="ArgumentException">It is something else; names the index.</exception>
    public static void Check(ReadOnlySpan<byte> item, long index)
    {
        if (IsWholeNumber(item) || FaultOf(item, MessageJson.MaxItemDepth) is not { } fault)
            return;
        var message = FaultOf(item, int.MaxValue) is null ? $"is nested deeper than {MessageJson.MaxItemDepth} levels" : $"is not one JSON value: {fault.Message}";
        throw new ArgumentException($"item {index} {message}", fault);
    }

    /// <summary>Whether it is a whole number as JSON writes it: the commonest of small items, and known for one without reading JSON.</summary>
    public static bool IsWholeNumber(ReadOnlySpan<byte> item)
    {
        var digits = item is [(byte)'-', ..] ? item[1..] : item;
        return digits.Length > 0 && (digits[0] != '0' || digits.Length == 1) && digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }

    private static JsonException? FaultOf(ReadOnlySpan<byte> item, int maxDepth)
    {
        try
        {
            var reader = new Utf8JsonReader(item, new JsonReaderOptions { MaxDepth = maxDepth });
            while (reader.Read())
            {
                // Its reading is the check.
            }

            return null;
        }
        catch (JsonException e)
        {
            return e;
        }
    }
}
