using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Execution;

/// <summary>The JSON schema of a kind's args, as an object: what the array and the bare value stand for.</summary>
internal static class ArgsSchema
{
    private static readonly JsonSchemaExporterOptions Exporting = new() { TransformSchemaNode = Correct };

    public static RawJson Of(Type args, JsonSerializerOptions options) => new(JsonSerializer.SerializeToUtf8Bytes(options.GetJsonSchemaAsNode(args, Exporting), options));

    private static JsonNode Correct(JsonSchemaExporterContext context, JsonNode schema)
    {
        // A converter is opaque to the exporter; of our own we know what it reads.
        if (context.PropertyInfo?.CustomConverter is DurationJsonConverter)
            return new JsonObject { ["type"] = new JsonArray("string", "number") };
        if (schema is not JsonObject node)
            return schema;
        // The exporter cannot know that args are never null.
        if (context.Path.IsEmpty && node["type"] is JsonArray types)
        {
            var others = types.Select(type => type!.GetValue<string>()).Where(type => type != "null").ToList();
            node["type"] = others is [var sole] ? sole : new JsonArray([.. others.Select(type => JsonValue.Create(type))]);
        }

        if (TypeWords.IsBase64(context.TypeInfo.Type))
            node["contentEncoding"] = "base64";
        if (context.PropertyInfo is { Set: null, AssociatedParameter: null })
            node["readOnly"] = true;
        return node;
    }
}
