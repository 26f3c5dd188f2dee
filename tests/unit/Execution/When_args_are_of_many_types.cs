using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Hosting.Execution;
using Broker.Contracts;

namespace Broker.Tests.Unit.Execution;

public sealed class When_args_are_of_many_types
{
    private const string Id = "5ce0e9a5-6015-4f0e-8e1c-3d0f2a6f9b1d";

    public enum Answer
    {
        True,
        False,
        Maybe,
    }

    public static TheoryData<string, object> Bare => new()
    {
        { $"\"{Id}\"", new Of<Guid>(Guid.Parse(Id)) },
        { "\"2026-01-31\"", new Of<DateOnly>(new DateOnly(2026, 1, 31)) },
        { "\"2026-01-31\"", new Of<DateTime>(new DateTime(2026, 1, 31)) },
        { "\"2026-01-31T12:00:00Z\"", new Of<DateTimeOffset>(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)) },
        { "\"12:30:00\"", new Of<TimeOnly>(new TimeOnly(12, 30)) },
        { "\"00:00:30\"", new Of<TimeSpan>(TimeSpan.FromSeconds(30)) },
        { "\"https://example.org/a\"", new Of<Uri>(new Uri("https://example.org/a")) },
        { "\"x\"", new Of<char>('x') },
        { "7", new Of<char>('7') },
        { "1.2", new Of<Version>(new Version(1, 2)) },
        { "\"12\"", new Of<int>(12) },
        { "\"maybe\"", new Of<Answer>(Answer.Maybe) },
        { "2", new Of<Answer>(Answer.Maybe) },
        { "false", new Of<Answer>(Answer.False) },
        { "null", new Of<Answer?>(null) },
        { "null", new Of<string?>(null) },
        { "{\"value\":{\"item1\":3,\"item2\":\"three\"}}", new Of<(int, string)>((3, "three")) },
        { "4", new Range(4) },
        { "[4,9]", new Range(4, 9) },
        { "{\"step\":3,\"from\":4}", new Range(4, 3) },
        { "{\"from\":4,\"answer\":null}", new Range(4, 2, null) },
        { "[\"a\",2]", new ByProperties { Name = "a", Count = 2 } },
        { "\"a\"", new ByProperties { Name = "a" } },
        { "[1,\"n\",5]", new Beside(1) { Note = "n", Extra = 5 } },
        { "[\"i\",\"o\"]", new Renamed("i", "o") },
        { "{\"in-file\":\"i\",\"out\":\"o\"}", new Renamed("i", "o") },
        { "{\"$type\":\"circle\",\"radius\":2}", new Circle(2) },
        { "{}", new Nothing() },
    };

    [Theory]
    [MemberData(nameof(Bare))]
    public void An_item_binds_to_the_type(string item, object args) => Assert.Equal(args, Bind(args is Circle ? typeof(Shape) : args.GetType(), item));

    [Theory]
    [InlineData("\"AAEC\"", new byte[] { 0, 1, 2 })]
    [InlineData("[\"AAEC\"]", new byte[] { 0, 1, 2 })]
    [InlineData("{\"value\":\"AAEC\"}", new byte[] { 0, 1, 2 })]
    [InlineData("1234", new byte[] { 0xD7, 0x6D, 0xF8 })]
    public void Bytes_are_base64_text_not_a_list(string item, byte[] bytes)
    {
        Assert.Equal(bytes, Bind<Of<byte[]>>(item).Value);
        Assert.Equal(bytes, Bind<Of<ReadOnlyMemory<byte>>>(item).Value.ToArray());
    }

    [Fact]
    public void A_list_that_is_the_only_parameter_takes_the_array_whatever_other_properties_exist() =>
        Assert.Equal([1, 2], Bind<ListBeside>("[1,2]").Numbers);

    [Fact]
    public void Args_that_are_a_list_or_have_a_converter_take_the_whole_item()
    {
        Assert.Equal([1, 2], Bind<Numbers>("[1,2]"));
        Assert.Equal(new Length(3), Bind<Length>("\"abc\""));
    }

    private static T Bind<T>(string item) => new ArgsBinder<T>("test", PayloadJson.Options).Bind(Encoding.UTF8.GetBytes(item));

    private static object Bind(Type args, string item)
    {
        Func<string, object> bind = Box<object>;
        return bind.Method.GetGenericMethodDefinition().MakeGenericMethod(args).CreateDelegate<Func<string, object>>()(item);
    }

    private static object Box<T>(string item) => Bind<T>(item)!;

    internal sealed record Of<T>(T Value);

    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Range(int From, int Step = 2, Answer? Answer = Answer.Maybe);

    internal sealed record ByProperties
    {
        public required string Name { get; set; }

        public int Count { get; set; }
    }

    internal sealed record Beside(int Number)
    {
        public required string Note { get; init; }

        public int Extra { get; init; }
    }

    internal sealed record ListBeside(List<int> Numbers)
    {
        public int Extra { get; init; }
    }

    internal sealed record Renamed([property: JsonPropertyName("in-file")] string Input, [property: JsonPropertyName("out")] string Output);

    [JsonDerivedType(typeof(Circle), "circle")]
    internal abstract record Shape;

    internal sealed record Circle(double Radius) : Shape;

    internal sealed class Numbers : List<int>;

    internal sealed record Nothing;

    [JsonConverter(typeof(LengthConverter))]
    internal sealed record Length(int Letters);

    internal sealed class LengthConverter : JsonConverter<Length>
    {
        public override Length Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!.Length);

        public override void Write(Utf8JsonWriter writer, Length value, JsonSerializerOptions options) => writer.WriteStringValue(new string('x', value.Letters));
    }
}
