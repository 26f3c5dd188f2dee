using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Contracts;

namespace Broker.Hosting.Execution;

/// <summary>
/// Makes args of an item. An object is taken as it is; an array gives the parameters in order; any other value is the first parameter,
/// where the others are optional. Both of these are rewritten to the object that they stand for, so that all three obey the same rules.
/// </summary>
internal sealed class ArgsBinder<TArgs>
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private readonly JsonTypeInfo<TArgs> _type = (JsonTypeInfo<TArgs>)PayloadJson.Options.GetTypeInfo(typeof(TArgs));
    private readonly Parameter[] _parameters;
    private readonly string _kind;
    private readonly bool _takesBareValue;

    public ArgsBinder(string kind)
    {
        _kind = kind;
        _parameters = [.. ParametersOf(_type)];
        _takesBareValue = _parameters.Length > 0 && _parameters.Skip(1).All(parameter => parameter.Optional);
    }

    /// <summary>The args as a person writes them: <c>count-primes(from: integer, to: integer)</c>.</summary>
    public string Signature => $"{_kind}({string.Join(", ", _parameters.Select(parameter => $"{parameter.Name}: {parameter.Meaning}{(parameter.Optional ? "?" : "")}"))})";

    /// <exception cref="ItemDoesNotFitException">The item does not fit; says what would.</exception>
    public TArgs Bind(ReadOnlySpan<byte> item)
    {
        try
        {
            return JsonSerializer.Deserialize(AsObject(item), _type) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new ItemDoesNotFitException($"{Shortened(item)} does not fit {Signature}{Hint(item, e)}", e);
        }
    }

    private ReadOnlySpan<byte> AsObject(ReadOnlySpan<byte> item)
    {
        var reader = new Utf8JsonReader(item);
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            return item;
        var scratch = _scratch ??= new ArrayBufferWriter<byte>(256);
        scratch.ResetWrittenCount();
        scratch.Write("{"u8);
        if (reader.TokenType == JsonTokenType.StartArray)
            WriteArray(scratch, item, ref reader);
        else if (_takesBareValue)
            _parameters[0].Write(scratch, item, reader.TokenType);
        else
            throw new JsonException();
        scratch.Write("}"u8);
        return scratch.WrittenSpan;
    }

    private void WriteArray(ArrayBufferWriter<byte> scratch, ReadOnlySpan<byte> item, ref Utf8JsonReader reader)
    {
        // A record whose one parameter is itself a list takes the whole array.
        if (_parameters.Length == 1 && _parameters[0].IsList)
        {
            _parameters[0].Write(scratch, item, JsonTokenType.StartArray);
            return;
        }

        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (i == _parameters.Length)
                throw new JsonException();
            var (start, token) = ((int)reader.TokenStartIndex, reader.TokenType);
            reader.Skip();
            if (i > 0)
                scratch.Write(","u8);
            _parameters[i].Write(scratch, item[start..(int)reader.BytesConsumed], token);
        }
    }

    private static string Hint(ReadOnlySpan<byte> item, JsonException error)
    {
        var text = System.Text.Encoding.UTF8.GetString(item);
        if (text.StartsWith("\"{", StringComparison.Ordinal) || text.StartsWith("\"[", StringComparison.Ordinal))
            return " (it begins like JSON but is not: quote names and close brackets)";
        return error.Path is { Length: > 2 } path ? $" (at {path[2..]})" : "";
    }

    private static string Shortened(ReadOnlySpan<byte> item)
    {
        var text = System.Text.Encoding.UTF8.GetString(item[..Math.Min(item.Length, 60)]).ReplaceLineEndings(" ");
        return item.Length > 60 ? text + "..." : text;
    }

    private static IEnumerable<Parameter> ParametersOf(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(property => property.AssociatedParameter is not null).OrderBy(property => property.AssociatedParameter!.Position))
        {
            var underlying = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            yield return new Parameter(property.Name, Meaning(underlying), property.AssociatedParameter!.HasDefaultValue);
        }
    }

    private static string Meaning(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.String => "text",
        TypeCode.Boolean => "true or false",
        >= TypeCode.SByte and <= TypeCode.UInt64 => type.IsEnum ? "name" : "integer",
        TypeCode.Single or TypeCode.Double or TypeCode.Decimal => "number",
        TypeCode.DateTime => "date",
        _ when type == typeof(TimeSpan) => "duration",
        _ when type.IsAssignableTo(typeof(System.Collections.IEnumerable)) => "list",
        _ => "object",
    };

    private sealed class Parameter(string name, string meaning, bool optional)
    {
        private readonly byte[] _prefix = [.. JsonSerializer.SerializeToUtf8Bytes(name), (byte)':'];
        private readonly bool _takesText = meaning == "text";

        public string Name => name;

        public string Meaning => meaning;

        public bool Optional => optional;

        public bool IsList => meaning == "list";

        public void Write(ArrayBufferWriter<byte> scratch, ReadOnlySpan<byte> value, JsonTokenType token)
        {
            scratch.Write(_prefix);
            // Shell lines that happen to be numbers are still text to a kind that takes text.
            var quote = _takesText && token is (JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False);
            if (quote)
                scratch.Write("\""u8);
            scratch.Write(value);
            if (quote)
                scratch.Write("\""u8);
        }
    }
}
