using System.Text;
using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Pool;

namespace Broker.Hosting.Execution;

/// <summary>Takes a JSON array of items apart, and puts chosen ones together again, without reading them.</summary>
internal static class JsonItems
{
    /// <exception cref="JsonException">It is no array.</exception>
    public static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> array)
    {
        if (JsonElements.ArePlain(array.Span))
            return SplitPlain(array);
        var items = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(array.Span, new JsonReaderOptions { MaxDepth = MessageJson.MaxDepth });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("a job's items are a JSON array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(array[start..(int)reader.BytesConsumed]);
        }

        return items;
    }

    private static List<ReadOnlyMemory<byte>> SplitPlain(ReadOnlyMemory<byte> array)
    {
        var places = new (int Start, int End)[array.Span.Count((byte)',') + 1];
        JsonElements.LocatePlain(array.Span, places);
        var items = new List<ReadOnlyMemory<byte>>(places.Length);
        foreach (var (start, end) in places)
            items.Add(start < end ? array[start..end] : throw new JsonException("an item is missing"));
        return items;
    }

    public static byte[] Join(IEnumerable<ReadOnlyMemory<byte>> items) =>
        Encoding.UTF8.GetBytes($"[{string.Join(',', items.Select(item => Encoding.UTF8.GetString(item.Span)))}]");
}
