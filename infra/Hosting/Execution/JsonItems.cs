using System.Text;
using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Execution;

/// <summary>Takes a JSON array of items apart, and puts chosen ones together again, without reading them.</summary>
internal static class JsonItems
{
    /// <exception cref="JsonException">It is no array.</exception>
    public static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> array)
    {
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

    public static byte[] Join(IEnumerable<ReadOnlyMemory<byte>> items) =>
        Encoding.UTF8.GetBytes($"[{string.Join(',', items.Select(item => Encoding.UTF8.GetString(item.Span)))}]");
}
