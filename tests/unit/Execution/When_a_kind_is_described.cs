using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Broker.Hosting.Execution;
using Broker.Contracts;

namespace Broker.Tests.Unit.Execution;

public sealed class When_a_kind_is_described
{
    private static readonly JsonSerializerOptions EnumsAsNumbers = PayloadJson.With(options => options.Converters.Add(new SizeAsNumber()));

    public enum Size
    {
        Small,
        Medium,
        Large,
    }

    public enum Month
    {
        Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sep,
    }

    public enum Priority
    {
        [JsonStringEnumMemberName("not urgent")]
        Low,
        High,
    }

    [Flags]
    public enum Rights
    {
        Read = 1,
        Write = 2,
    }

    [JsonConverter(typeof(JsonStringEnumConverter<OwnWay>))]
    public enum OwnWay
    {
        Up,
    }

    [Theory]
    [InlineData(typeof(string), "text", """{"type":"string"}""")]
    [InlineData(typeof(bool), "true or false", """{"type":"boolean"}""")]
    [InlineData(typeof(byte), "integer", """{"type":["string","integer"]}""")]
    [InlineData(typeof(Int128), "integer", """{"type":["string","integer"]}""")]
    [InlineData(typeof(Half), "number", null)]
    [InlineData(typeof(decimal), "number", """{"type":["string","number"]}""")]
    [InlineData(typeof(Guid), "uuid", """{"type":"string","format":"uuid"}""")]
    [InlineData(typeof(DateTime), "date and time", """{"type":"string","format":"date-time"}""")]
    [InlineData(typeof(DateTimeOffset), "date and time", """{"type":"string","format":"date-time"}""")]
    [InlineData(typeof(DateOnly), "date", """{"type":"string","format":"date"}""")]
    [InlineData(typeof(TimeOnly), "time", """{"type":"string","format":"time"}""")]
    [InlineData(typeof(TimeSpan), "duration", """{"type":"string"}""")]
    [InlineData(typeof(byte[]), "base64", """{"type":"string","contentEncoding":"base64"}""")]
    [InlineData(typeof(Memory<byte>), "base64", """{"type":"string","contentEncoding":"base64"}""")]
    [InlineData(typeof(ReadOnlyMemory<byte>), "base64", """{"type":"string","contentEncoding":"base64"}""")]
    [InlineData(typeof(Uri), "uri", """{"type":"string","format":"uri"}""")]
    [InlineData(typeof(char), "character", """{"type":"string","minLength":1,"maxLength":1}""")]
    [InlineData(typeof(Version), "version", """{"type":"string"}""")]
    [InlineData(typeof(object), "any JSON", "true")]
    [InlineData(typeof(JsonElement), "any JSON", "true")]
    [InlineData(typeof(JsonNode), "any JSON", "true")]
    [InlineData(typeof(JsonObject), "object", null)]
    [InlineData(typeof(JsonArray), "list", null)]
    [InlineData(typeof(Size), "Small|Medium|Large", """{"enum":["Small","Medium","Large"]}""")]
    [InlineData(typeof(Size?), "Small|Medium|Large or null", """{"enum":["Small","Medium","Large",null]}""")]
    [InlineData(typeof(Month), "Jan|Feb|Mar|Apr|May|...", null)]
    [InlineData(typeof(Priority), "not urgent|High", """{"enum":["not urgent","High"]}""")]
    [InlineData(typeof(Rights), "any of Read|Write", """{"type":"string"}""")]
    [InlineData(typeof(OwnWay), "Up", """{"enum":["Up"]}""")]
    [InlineData(typeof(int?), "integer or null", """{"type":["string","integer","null"]}""")]
    [InlineData(typeof(int[]), "list of integer", """{"type":"array"}""")]
    [InlineData(typeof(Memory<int>), "list of integer", null)]
    [InlineData(typeof(IReadOnlyCollection<DateOnly>), "list of date", null)]
    [InlineData(typeof(List<List<Size>>), "list of list of Small|Medium|Large", null)]
    [InlineData(typeof(Dictionary<string, double>), "map of number", """{"type":"object"}""")]
    [InlineData(typeof(Point), "object", """{"type":"object","required":["x"]}""")]
    [InlineData(typeof((int Count, string Text)), "object", """{"type":"object","required":["item1","item2"]}""")]
    [InlineData(typeof(Shape), "object", """{"type":"object","required":["$type"]}""")]
    [InlineData(typeof(Forest), "list of list of list of list", null)]
    [InlineData(typeof(Money), "Money", "true")]
    public void A_parameter_is_described_by_its_JSON_type(Type type, string words, string? schema)
    {
        var (signature, node) = Describe(Nullable.GetUnderlyingType(type) is { } value ? typeof(OfNullable<>).MakeGenericType(value) : typeof(Of<>).MakeGenericType(type));
        Assert.Equal($"test(value: {words})", signature);
        if (schema is not null)
            AssertContains(JsonNode.Parse(schema)!, node["properties"]!["value"]!);
    }

    [Theory]
    [InlineData(typeof(Range), "from: integer, step: integer?, size: Small|Medium|Large?")]
    [InlineData(typeof(ByProperties), "name: text, count: integer?, tags: list of text?")]
    [InlineData(typeof(Beside), "number: integer, note: text, extra: integer?")]
    [InlineData(typeof(Renamed), "in-file: text, out: text or null")]
    [InlineData(typeof(Optional), "size: Small|Medium|Large?, text: text?, point: object?")]
    [InlineData(typeof(Shape), "$type: circle|square")]
    [InlineData(typeof(Numbers), "list of integer")]
    [InlineData(typeof(Money), "Money")]
    [InlineData(typeof(Nothing), "")]
    public void Args_of_any_shape_are_described(Type args, string signature) => Assert.Equal($"test({signature})", Describe(args).Signature);

    [Fact]
    public void The_schema_has_required_and_write_only_properties_and_no_null()
    {
        var schema = Describe(typeof(ByProperties)).Schema;
        Assert.Equal("object", schema["type"]!.GetValue<string>());
        Assert.Equal("""["name"]""", schema["required"]!.ToJsonString());
        Assert.True(schema["properties"]!["computed"]!["readOnly"]!.GetValue<bool>());
        Assert.Equal("array", Describe(typeof(Numbers)).Schema["type"]!.GetValue<string>());
        Assert.Equal("""["from"]""", Describe(typeof(Range)).Schema["required"]!.ToJsonString());
    }

    [Fact]
    public void A_duration_is_text_or_a_number_of_seconds() =>
        Assert.Equal("""["string","number"]""", Describe(typeof(Broker.Contracts.BuiltIn.Sleep)).Schema["properties"]!["duration"]!["type"]!.ToJsonString());

    [Fact]
    public void An_enum_serialized_as_a_number_is_an_integer() =>
        Assert.Equal("test(value: integer)", new ArgsBinder<Of<Size>>("test", EnumsAsNumbers).Signature);

    private static (string Signature, JsonNode Schema) Describe(Type args)
    {
        dynamic binder = Activator.CreateInstance(typeof(ArgsBinder<>).MakeGenericType(args), "test", PayloadJson.Options)!;
        var signature = (string)binder.GetType().GetProperty("Signature").GetValue(binder);
        return (signature, JsonNode.Parse(ArgsSchema.Of(args, PayloadJson.Options).Utf8.Span)!);
    }

    private static void AssertContains(JsonNode expected, JsonNode actual)
    {
        if (expected is not JsonObject members)
            Assert.Equal(expected.ToJsonString(), actual.ToJsonString());
        else
            Assert.All(members, member => Assert.Equal(member.Value!.ToJsonString(), actual[member.Key]?.ToJsonString()));
    }

    // What a type argument allows is not known at run time, so that null would be allowed without the attributes.
    internal sealed record Of<T>([DisallowNull] [property: DisallowNull] [property: NotNull] T Value);

    internal sealed record OfNullable<T>(T? Value)
        where T : struct;

    internal sealed record Point(int X, int Y = 0);

    [StructLayout(LayoutKind.Auto)]
    internal record struct Range(int From, int Step = 1, Size? Size = Size.Medium);

    internal sealed class ByProperties
    {
        public required string Name { get; set; }

        public int Count { get; set; }

        [JsonIgnore]
        public int Ignored { get; set; }

        public Collection<string> Tags { get; init; } = [];

        public int Computed => Count;

        [JsonExtensionData]
        public Dictionary<string, JsonElement>? Rest { get; set; }
    }

    internal sealed record Beside(int Number)
    {
        public required string Note { get; init; }

        public int Extra { get; init; }
    }

    internal sealed record Renamed([property: JsonPropertyName("in-file")] string Input, [property: JsonPropertyName("out")] string? Output);

    internal sealed record Optional(Size Size = Size.Large, string? Text = null, Point? Point = null);

    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Square), "square")]
    internal abstract record Shape;

    internal sealed record Circle(double Radius) : Shape;

    internal sealed record Square(double Side) : Shape;

    internal sealed class Numbers : List<int>;

    internal sealed class Forest : List<Forest>;

    internal sealed record Nothing;

    [JsonConverter(typeof(MoneyConverter))]
    internal readonly record struct Money(decimal Amount);

    internal sealed class MoneyConverter : JsonConverter<Money>
    {
        public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetDecimal());

        public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Amount);
    }

    private sealed class SizeAsNumber : JsonConverter<Size>
    {
        public override Size Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => (Size)reader.GetInt32();

        public override void Write(Utf8JsonWriter writer, Size value, JsonSerializerOptions options) => writer.WriteNumberValue((int)value);
    }
}
