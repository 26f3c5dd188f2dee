using System.Text.Json;
using Broker.Contracts;
using Broker.Producer.Cli.Items;

namespace Broker.Producer.Cli.Commands.Primitives;

/// <summary>Values on the command line: read as JSON where they are, else as text; a text is written as it is, all else as JSON.</summary>
internal static class JsonText
{
    public static JsonElement Read(string text) => Read(ItemText.ToJson(text));

    public static JsonElement Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public static string Write(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonSerializer.Serialize(value, PayloadJson.Options);
}
