using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Primitives.States;

namespace Broker.Primitives;

/// <summary>How values of a primitive are written as JSON: as jobs and results are.</summary>
internal sealed class PayloadFormat<T>(JsonSerializerOptions options)
{
    /// <exception cref="PrimitiveTooLargeException">No state could hold it.</exception>
    public RawJson Write(T value)
    {
        var json = new RawJson(JsonSerializer.SerializeToUtf8Bytes(value, options));
        return StateSize.Of(json) <= StateSize.Limit ? json : throw TooLarge();
    }

    /// <exception cref="PrimitiveTooLargeException">No state could hold them.</exception>
    public RawJson[] Write(IEnumerable<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        RawJson[] json = [.. values.Select(Write)];
        return StateSize.Of(json) <= StateSize.Limit ? json : throw TooLarge();
    }

    /// <summary>What was never set is read as the type's default.</summary>
    /// <exception cref="JsonException">It was written as another type.</exception>
    public T? Read(RawJson value) => Json.IsNull(value) ? default : JsonSerializer.Deserialize<T>(value.Utf8.Span, options);

    public IReadOnlyList<T?> Read(IReadOnlyList<RawJson> values) => [.. values.Select(Read)];

    private static PrimitiveTooLargeException TooLarge() => new("a primitive holds 1 MiB at most");
}
