using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Hosting.Execution;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;

namespace Broker.Tests.Unit.Execution;

public sealed class When_an_item_is_refused
{
    [Theory]
    [InlineData("null", "null does not fit test(name: text, when: date)")]
    [InlineData("5", "5 does not fit test(name: text, when: date): more than one value is needed: give an array or an object")]
    [InlineData("[\"a\",\"2026-01-31\",3]", "(name: text, when: date): 2 values at most")]
    [InlineData("{\"name\":\"a\"}", "(name: text, when: date): missing 'when'")]
    [InlineData("[null,\"2026-01-31\"]", "(at name): null is not allowed")]
    [InlineData("[\"a\",\"31.1.2026\"]", "(at when, write it as \"2026-01-31\")")]
    public void The_message_gives_the_reason(string item, string end) => Assert.EndsWith(end, Refused<Dated>(item).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(typeof(ArgumentException))]
    [InlineData(typeof(FormatException))]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(NotSupportedException))]
    [InlineData(typeof(JsonException))]
    [InlineData(typeof(OverflowException))]
    [InlineData(typeof(OutOfStockException))]
    public void Any_exception_of_a_converter_means_the_item_does_not_fit(Type type)
    {
        var error = Refused<Converted>($"\"{type.FullName}\"");
        Assert.Contains("does not fit test(value: text)", error.Message, StringComparison.Ordinal);
        Assert.Contains(": sold out", error.Message, StringComparison.Ordinal);
        Assert.IsType(type, error.InnerException);
    }

    [Fact]
    public void The_exception_of_a_constructor_is_reported() => Assert.Contains(": below zero", Refused<Checked>("-1").Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_reason_is_truncated() => Assert.InRange(Refused<Sleep>($"\"{new string('x', 5000)}\"").Message.Length, 300, 500);

    [Fact]
    public void The_message_of_a_converter_is_kept() =>
        Assert.EndsWith("(at duration): 'soon' is not a duration: write seconds or a text such as \"250ms\", \"1.5s\", \"2m\"", Refused<Sleep>("\"soon\"").Message, StringComparison.Ordinal);

    [Fact]
    public void A_polymorphic_item_needs_its_type_discriminator()
    {
        Assert.Contains("($type: circle): The JSON payload", Refused<Shape>("{\"radius\":1}").Message, StringComparison.Ordinal);
        Assert.Contains("'oval'", Refused<Shape>("{\"$type\":\"oval\"}").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"tiny\"")]
    [InlineData("\"\"")]
    [InlineData("1.5")]
    public void An_unknown_enum_name_is_refused(string item) =>
        Assert.EndsWith("does not fit test(value: Monday|Tuesday) (at value)", Refused<Day>(item).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("{\"value\":{\"item1\":1}}")]
    [InlineData("{\"value\":{}}")]
    public void An_incomplete_tuple_is_refused(string item) => Assert.Contains("missing 'item", Refused<Paired>(item).Message, StringComparison.Ordinal);

    [Fact]
    public void A_struct_without_its_required_parameter_is_refused() =>
        Assert.EndsWith("test(from: integer, step: integer?): missing 'from'", Refused<Range>("{\"step\":2}").Message, StringComparison.Ordinal);

    private static ItemDoesNotFitException Refused<T>(string item) =>
        Assert.Throws<ItemDoesNotFitException>(() => new ArgsBinder<T>("test", PayloadJson.Options).Bind(Encoding.UTF8.GetBytes(item)));

    internal enum Weekday
    {
        Monday,
        Tuesday,
    }

    internal sealed record Dated(string Name, DateOnly When);

    internal sealed record Day(Weekday Value);

    internal sealed record Paired((int Count, string Text) Value);

    [StructLayout(LayoutKind.Auto)]
    internal record struct Range(int From, int Step = 1);

    internal sealed record Converted([property: JsonConverter(typeof(Thrower))] string Value);

    internal sealed record Checked(int Number)
    {
        public int Number { get; } = Number < 0 ? throw new ArgumentOutOfRangeException(nameof(Number), "below zero") : Number;
    }

    [JsonDerivedType(typeof(Circle), "circle")]
    internal abstract record Shape;

    internal sealed record Circle(double Radius) : Shape;

    internal sealed class OutOfStockException(string message) : Exception(message);

    private sealed class Thrower : JsonConverter<string>
    {
        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var type = reader.GetString()!;
            throw (Exception)Activator.CreateInstance(Type.GetType(type) ?? typeof(JsonException).Assembly.GetType(type)!, "sold out")!;
        }

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
