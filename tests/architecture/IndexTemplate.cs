using System.Text.Json.Nodes;
using Broker.Logging.Elasticsearch;

namespace Broker.Tests.Architecture;

/// <summary>The mapping that Elasticsearch is given for our logs.</summary>
internal static class IndexTemplate
{
    public static JsonObject Plain => Read("index-template.json");

    /// <summary>What a server may refuse.</summary>
    public static JsonObject Optional => Read("index-template.optional.json");

    private static readonly string[] Nesting = ["properties", "fields"];

    /// <summary>Every field by its dotted name, fields of fields included, and its type.</summary>
    public static IReadOnlyDictionary<string, string> Fields { get; } =
        FieldsOf("", Plain["template"]!["mappings"]!["properties"]!.AsObject()).ToDictionary();

    private static JsonObject Read(string file) => JsonNode.Parse(Repository.Read($"infra/elasticsearch/{file}"))!.AsObject();

    private static IEnumerable<(string Name, string Type)> FieldsOf(string prefix, JsonObject properties)
    {
        foreach (var (name, mapping) in properties)
        {
            if (mapping!["type"] is { } type)
                yield return (prefix + name, (string)type!);
            foreach (var inner in Nesting.Where(inner => mapping[inner] is not null))
            {
                foreach (var field in FieldsOf($"{prefix}{name}.", mapping[inner]!.AsObject()))
                    yield return field;
            }
        }
    }
}
