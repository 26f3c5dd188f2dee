using System.Text.Json;

namespace Broker.Pool;

/// <summary>What can travel as an item: one JSON value that the message around it leaves room for.</summary>
internal static class JsonItem
{
    /// <summary>Readers take 64 levels, and the message adds two.</summary>
    public const int MaxDepth = 62;

    private static readonly JsonReaderOptions Deepest = new() { MaxDepth = MaxDepth };

    /// <exception cref="ArgumentException">It is something else; names the index.</exception>
    public static void Check(ReadOnlySpan<byte> item, long index)
    {
        try
        {
            var reader = new Utf8JsonReader(item, Deepest);
            while (reader.Read())
            {
                // Its reading is the check.
            }
        }
        catch (JsonException e)
        {
            throw new ArgumentException(IsJson(item) ? $"item {index} is nested deeper than {MaxDepth} levels" : $"item {index} is not one JSON value: {e.Message}", e);
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> item)
    {
        try
        {
            var reader = new Utf8JsonReader(item, new JsonReaderOptions { MaxDepth = int.MaxValue });
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
