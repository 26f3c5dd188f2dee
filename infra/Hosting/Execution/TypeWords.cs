using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Execution;

/// <summary>What a person is told about a type: the JSON that it is read from, in words.</summary>
internal static class TypeWords
{
    private const int MaxNames = 8;
    private const int ShownOfMany = 5;
    private const int DeepestList = 3;

    private static readonly FrozenDictionary<Type, string> Scalars = new (string Words, Type[] Types)[]
    {
        ("text", [typeof(string)]),
        ("true or false", [typeof(bool)]),
        ("integer", [typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(Int128), typeof(UInt128)]),
        ("number", [typeof(float), typeof(double), typeof(decimal), typeof(Half)]),
        ("date and time", [typeof(DateTime), typeof(DateTimeOffset)]),
        ("date", [typeof(DateOnly)]),
        ("time", [typeof(TimeOnly)]),
        ("duration", [typeof(TimeSpan)]),
        ("uuid", [typeof(Guid)]),
        ("base64", [typeof(byte[]), typeof(Memory<byte>), typeof(ReadOnlyMemory<byte>)]),
        ("character", [typeof(char)]),
        ("uri", [typeof(Uri)]),
        ("version", [typeof(Version)]),
        ("any JSON", [typeof(object), typeof(JsonElement), typeof(JsonDocument), typeof(JsonNode), typeof(JsonValue), typeof(RawJson)]),
        ("list", [typeof(JsonArray)]),
        ("object", [typeof(JsonObject)]),
    }.SelectMany(row => row.Types, (row, type) => (row.Words, type)).ToFrozenDictionary(pair => pair.type, pair => pair.Words);

    public static string Describe(Type type, JsonSerializerOptions options) => Describe(type, options, 0);

    /// <summary>Whether the type is read from a JSON string that may hold any word: a number in its place can only be meant as text.</summary>
    public static bool IsText(Type type) => Scalars.GetValueOrDefault(type) is "text" or "base64" or "character" or "uri" or "version";

    public static bool IsAnyJson(Type type) => Scalars.GetValueOrDefault(type) == "any JSON";

    public static bool IsBase64(Type type) => Scalars.GetValueOrDefault(type) == "base64";

    public static bool IsList(Type type, JsonSerializerOptions options) =>
        type == typeof(JsonArray) || (!Scalars.ContainsKey(type) && options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Enumerable);

    /// <summary>A value of a type whose form people get wrong.</summary>
    public static string? Example(Type type) => Scalars.GetValueOrDefault(type) switch
    {
        "date and time" => "\"2026-01-31T12:00:00Z\"",
        "date" => "\"2026-01-31\"",
        "time" => "\"12:00:00\"",
        "duration" => "\"00:00:30\"",
        "uuid" => "\"5ce0e9a5-6015-4f0e-8e1c-3d0f2a6f9b1d\"",
        _ => null,
    };

    private static string Describe(Type type, JsonSerializerOptions options, int depth)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Scalars.TryGetValue(type, out var words))
            return words;
        if (type.IsEnum)
            return NamesOf(type, options);
        var info = options.GetTypeInfo(type);
        return info.Kind switch
        {
            // A type may be a list of itself.
            JsonTypeInfoKind.Enumerable => depth < DeepestList ? $"list of {Describe(info.ElementType!, options, depth + 1)}" : "list",
            JsonTypeInfoKind.Dictionary => depth < DeepestList ? $"map of {Describe(info.ElementType!, options, depth + 1)}" : "map",
            JsonTypeInfoKind.Object => "object",
            // A converter of the user's: only the type's name hints at what it reads.
            _ => type.Name,
        };
    }

    private static string NamesOf(Type type, JsonSerializerOptions options)
    {
        var written = Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => Written(Enum.ToObject(type, value), options)).ToList();
        if (written.Exists(value => value?.GetValueKind() == JsonValueKind.Number))
            return "integer";
        var names = written.TrueForAll(value => value?.GetValueKind() == JsonValueKind.String)
            ? written.ConvertAll(value => value!.GetValue<string>()).Distinct(StringComparer.Ordinal).ToList()
            : [.. Enum.GetNames(type)];
        var shown = string.Join('|', names.Take(names.Count > MaxNames ? ShownOfMany : MaxNames)) + (names.Count > MaxNames ? "|..." : "");
        return type.IsDefined(typeof(FlagsAttribute), inherit: false) ? $"any of {shown}" : shown;
    }

    private static JsonNode? Written(object value, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.SerializeToNode(value, value.GetType(), options);
        }
        // A converter of the user's may be able to read only; the declared names are then as good a guess as any.
        catch (Exception e) when (e is NotSupportedException or NotImplementedException or InvalidOperationException or JsonException)
        {
            return null;
        }
    }
}
