using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Broker.Hosting.Execution;

/// <summary>
/// Makes args of an item. An object is taken as it is; an array gives the parameters in order; any other value is the first parameter,
/// where the others are optional. Both of these are rewritten to the object that they stand for, so that all three obey the same rules.
/// </summary>
internal sealed class ArgsBinder<TArgs>
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private readonly JsonTypeInfo<TArgs> _type;
    private readonly JsonReaderOptions _reading;
    private readonly IReadOnlyList<ArgsParameter> _parameters;
    private readonly bool _takesBareValue;
    private readonly bool _takesWholeArray;

    public ArgsBinder(string kind, JsonSerializerOptions options)
    {
        _type = (JsonTypeInfo<TArgs>)options.GetTypeInfo(typeof(TArgs));
        _reading = new JsonReaderOptions { MaxDepth = options.MaxDepth, AllowTrailingCommas = options.AllowTrailingCommas };
        _parameters = ArgsParameter.Of(_type);
        _takesBareValue = _parameters.Count > 0 && _parameters.Skip(1).All(parameter => parameter.Optional);
        // Args whose one parameter is itself a list: properties beside a constructor's parameters do not count.
        _takesWholeArray = _parameters.Count > 0 && _parameters[0].IsList && _parameters.Skip(1).All(parameter => _parameters[0].InConstructor && !parameter.InConstructor);
        Signature = $"{kind}({(_type.Kind == JsonTypeInfoKind.Object ? string.Join(", ", [.. Discriminator(), .. _parameters]) : TypeWords.Describe(typeof(TArgs), options))})";
    }

    /// <summary>The args as a person writes them: <c>count-primes(from: integer, to: integer)</c>.</summary>
    public string Signature { get; }

    /// <exception cref="ItemDoesNotFitException">The item does not fit; says what would.</exception>
    public TArgs Bind(ReadOnlySpan<byte> item)
    {
        try
        {
            return JsonSerializer.Deserialize(AsObject(item), _type) ?? throw new JsonException();
        }
        // Converters and constructors are the user's code as well: whatever they throw, the item is what caused it.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw ItemMisfit.Of(item, Signature, _parameters, e);
        }
    }

    // Args that are one of several types: an object names which.
    private IEnumerable<object> Discriminator() => _type.PolymorphismOptions is { DerivedTypes: var types } polymorphism
        ? [$"{polymorphism.TypeDiscriminatorPropertyName}: {string.Join('|', types.Select(derived => derived.TypeDiscriminator).OfType<object>())}{(typeof(TArgs).IsAbstract ? "" : "?")}"]
        : [];

    private ReadOnlySpan<byte> AsObject(ReadOnlySpan<byte> item)
    {
        var reader = new Utf8JsonReader(item, _reading);
        reader.Read();
        // Args with a converter of their own, and those that are lists or maps, are read by the type alone.
        if (reader.TokenType == JsonTokenType.StartObject || _type.Kind != JsonTypeInfoKind.Object)
            return item;
        var scratch = _scratch ??= new ArrayBufferWriter<byte>(256);
        scratch.ResetWrittenCount();
        scratch.Write("{"u8);
        if (reader.TokenType == JsonTokenType.StartArray)
            WriteArray(scratch, item, ref reader);
        else if (_takesBareValue)
            _parameters[0].Write(scratch, item, reader.TokenType);
        else
            throw new JsonException(_parameters.Count > 1 && reader.TokenType != JsonTokenType.Null ? "more than one value is needed: give an array or an object" : null);
        scratch.Write("}"u8);
        return scratch.WrittenSpan;
    }

    private void WriteArray(ArrayBufferWriter<byte> scratch, ReadOnlySpan<byte> item, ref Utf8JsonReader reader)
    {
        if (_takesWholeArray)
        {
            _parameters[0].Write(scratch, item, JsonTokenType.StartArray);
            return;
        }

        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == _parameters.Count)
                throw new JsonException($"{i} {(i == 1 ? "value" : "values")} at most");
            var (start, token) = ((int)reader.TokenStartIndex, reader.TokenType);
            reader.Skip();
            if (i > 0)
                scratch.Write(","u8);
            _parameters[i].Write(scratch, item[start..(int)reader.BytesConsumed], token);
        }
    }
}
