using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Broker.Producer.Cli.Commands.Dead;

/// <summary>Names joined by dots, and numbers for the places of an array: <c>size.width</c>, <c>urls.0</c>.</summary>
internal static class JsonPath
{
    public static JsonElement? Find(JsonElement value, string path)
    {
        foreach (var step in path.Split('.'))
        {
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(step, out var member))
                value = member;
            else if (value.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < value.GetArrayLength())
                value = value[place];
            else
                return null;
        }

        return value;
    }

    /// <summary>The value with another at <paramref name="path"/>; an empty path is the value itself.</summary>
    /// <exception cref="ArgumentException">There is no such place.</exception>
    public static JsonElement Set(JsonElement value, string path, JsonElement other)
    {
        if (path.Length == 0)
            return other;
        var root = JsonNode.Parse(value.GetRawText());
        var steps = path.Split('.');
        var node = steps[..^1].Aggregate(root, Child);
        switch (node)
        {
            case JsonObject parent:
                parent[steps[^1]] = JsonNode.Parse(other.GetRawText());
                break;
            case JsonArray places when int.TryParse(steps[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < places.Count:
                places[place] = JsonNode.Parse(other.GetRawText());
                break;
            default:
                throw new ArgumentException($"there is no '{path}' in {value.GetRawText()}");
        }

        return JsonSerializer.SerializeToElement(root);
    }

    private static JsonNode? Child(JsonNode? node, string step) => node switch
    {
        JsonObject parent => parent[step],
        JsonArray places when int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < places.Count => places[place],
        _ => null,
    };
}
