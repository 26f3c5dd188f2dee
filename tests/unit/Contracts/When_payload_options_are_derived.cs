using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Broker.Hosting.Execution;
using Broker.Contracts;

namespace Broker.Tests.Unit.Contracts;

public sealed class When_payload_options_are_derived
{
    public enum Size
    {
        Small,
        ExtraLarge,
    }

    [Fact]
    public void Derived_options_are_read_only_and_do_not_change_the_originals()
    {
        var options = PayloadJson.With(options => options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        Assert.True(options.IsReadOnly);
        Assert.Equal("""{"item_size":"ExtraLarge"}""", JsonSerializer.Serialize(new Item(Size.ExtraLarge), options));
        Assert.Equal("""{"itemSize":"ExtraLarge"}""", JsonSerializer.Serialize(new Item(Size.ExtraLarge), PayloadJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Item>("{}", options));
    }

    [Fact]
    public void A_user_converter_precedes_the_built_in_ones()
    {
        var options = PayloadJson.With(options => options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower)));
        Assert.Equal("\"extra-large\"", JsonSerializer.Serialize(Size.ExtraLarge, options));
        Assert.Equal("test(itemSize: small|extra-large)", new ArgsBinder<Item>("test", options).Signature);
        Assert.Equal(new Item(Size.ExtraLarge), new ArgsBinder<Item>("test", options).Bind("\"extra-large\""u8));
    }

    [Fact]
    public void An_enums_own_converter_is_not_overridden() => Assert.Equal("1", JsonSerializer.Serialize(Numbered.One, PayloadJson.Options));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_source_generated_context_is_asked_first_and_reflection_for_the_rest(bool replaced)
    {
        var known = new List<Type>();
        var context = DerivedOptionsJson.Default.WithAddedModifier(type => known.Add(type.Type));
        var options = PayloadJson.With(options =>
        {
            if (replaced)
                options.TypeInfoResolver = context;
            else
                options.TypeInfoResolverChain.Add(context);
        });
        Assert.Equal("""{"itemSize":"ExtraLarge"}""", JsonSerializer.Serialize(new Item(Size.ExtraLarge), options));
        Assert.Contains(typeof(Item), known);
        Assert.Equal("""{"unknown":{"item1":1,"item2":"Small"}}""", JsonSerializer.Serialize(new Other((1, Size.Small)), options));
        Assert.DoesNotContain(typeof(Other), known);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Item>("{}", options));
        Assert.Equal("test(itemSize: Small|ExtraLarge)", new ArgsBinder<Item>("test", options).Signature);
        Assert.Equal(new Span(1, 2), new ArgsBinder<Span>("test", options).Bind(Encoding.UTF8.GetBytes("1")));
    }

    [Fact]
    public void A_program_may_set_its_type_resolver()
    {
        var options = PayloadJson.With(options => options.TypeInfoResolver = options.TypeInfoResolver!.WithAddedModifier(type =>
        {
            foreach (var property in type.Properties)
                property.Name = "_" + property.Name;
        }));
        Assert.Equal("""{"_itemSize":"Small"}""", JsonSerializer.Serialize(new Item(Size.Small), options));
    }

    [Fact]
    public void Parameters_need_not_be_required()
    {
        var options = PayloadJson.With(options => options.RespectRequiredConstructorParameters = false);
        Assert.Equal("test(itemSize: Small|ExtraLarge?)", new ArgsBinder<Item>("test", options).Signature);
        Assert.Equal(new Item(Size.Small), new ArgsBinder<Item>("test", options).Bind("{}"u8));
    }

    [JsonConverter(typeof(JsonNumberEnumConverter<Numbered>))]
    internal enum Numbered
    {
        One = 1,
    }

    internal sealed record Item(Size ItemSize);

    [StructLayout(LayoutKind.Auto)]
    [method: JsonConstructor]
    internal readonly record struct Span(int From, int Step = 2);

    private sealed record Other((int, Size) Unknown);
}

[JsonSerializable(typeof(When_payload_options_are_derived.Item))]
[JsonSerializable(typeof(When_payload_options_are_derived.Span))]
internal sealed partial class DerivedOptionsJson : JsonSerializerContext;
