using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>What can travel as an item: one JSON value that the message around it leaves room for.</summary>
internal static class JsonItem
{
    /// <exception cref="ArgumentException">It is something else; names the index.</exception>
    public static void Check(ReadOnlySpan<byte> item, long index)
    {
        if (FaultOf(item, MessageJson.MaxItemDepth) is not { } fault)
            return;
        var message = FaultOf(item, int.MaxValue) is null ? $"is nested deeper than {MessageJson.MaxItemDepth} levels" : $"is not one JSON value: {fault.Message}";
        throw new ArgumentException($"item {index} {message}", fault);
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
