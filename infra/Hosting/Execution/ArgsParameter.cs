using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Broker.Hosting.Execution;

/// <summary>One value of a kind's args: a parameter of the constructor, or a property that is set after it.</summary>
internal sealed class ArgsParameter
{
    private readonly byte[] _prefix;
    private readonly bool _quotesNumbers;
    private readonly bool _quotesTrueAndFalse;

    private ArgsParameter(JsonPropertyInfo property)
    {
        var options = property.Options;
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var parameter = property.AssociatedParameter;
        Name = property.Name;
        InConstructor = parameter is { IsMemberInitializer: false };
        Optional = !property.IsRequired && (!InConstructor || parameter!.HasDefaultValue || !options.RespectRequiredConstructorParameters);
        // Null for what may be left out goes without saying.
        var orNull = !Optional && (parameter?.IsNullable ?? property.IsSetNullable) && !TypeWords.IsAnyJson(type);
        Meaning = TypeWords.Describe(type, options) + (orNull ? " or null" : "");
        Example = property.CustomConverter is null ? TypeWords.Example(type) : null;
        IsList = TypeWords.IsList(type, options);
        _prefix = [.. JsonSerializer.SerializeToUtf8Bytes(Name), (byte)':'];
        _quotesNumbers = TypeWords.IsText(type);
        _quotesTrueAndFalse = _quotesNumbers || type.IsEnum;
    }

    public string Name { get; }

    public string Meaning { get; }

    public bool Optional { get; }

    public bool InConstructor { get; }

    public bool IsList { get; }

    /// <summary>A value in the form that is needed, where the meaning alone does not say it.</summary>
    public string? Example { get; }

    /// <summary>The constructor's parameters in their order, then the properties in the order of their declaration.</summary>
    public static IReadOnlyList<ArgsParameter> Of(JsonTypeInfo type) => type.Kind == JsonTypeInfoKind.Object
        ? [.. type.Properties.Where(IsSet).OrderBy(Position).Select(property => new ArgsParameter(property))]
        : [];

    public override string ToString() => $"{Name}: {Meaning}{(Optional ? "?" : "")}";

    /// <summary>Writes the value as a member of an object.</summary>
    public void Write(ArrayBufferWriter<byte> scratch, ReadOnlySpan<byte> value, JsonTokenType token)
    {
        scratch.Write(_prefix);
        // Shell lines that happen to be numbers, true or false are still text to a kind that takes text.
        var quote = token switch
        {
            JsonTokenType.Number => _quotesNumbers,
            JsonTokenType.True or JsonTokenType.False => _quotesTrueAndFalse,
            _ => false,
        };
        if (quote)
            scratch.Write("\""u8);
        scratch.Write(quote ? value.Trim(" \t\r\n"u8) : value);
        if (quote)
            scratch.Write("\""u8);
    }

    // [JsonIgnore] leaves a property without getter and setter.
    private static bool IsSet(JsonPropertyInfo property) =>
        !property.IsExtensionData && (property.Set is not null || (property.AssociatedParameter is not null && property.Get is not null));

    private static int Position(JsonPropertyInfo property) => property.AssociatedParameter is { IsMemberInitializer: false } parameter ? parameter.Position : int.MaxValue;
}
