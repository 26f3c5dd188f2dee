using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Broker.Primitives.Log;

/// <summary>The names of operations and states in the log, and how they are written. A name that a reader does not know was written by a later version.</summary>
internal sealed class OperationCodec
{
    private readonly Dictionary<string, JsonTypeInfo> _types = [];
    private readonly Dictionary<Type, string> _names = [];

    /// <summary>Adds an operation or a state.</summary>
    /// <param name="name">In the log, for ever, as <c>event.set</c>.</param>
    /// <param name="type">How it is written.</param>
    public OperationCodec Add<T>(string name, JsonTypeInfo<T> type)
        where T : class
    {
        _types.Add(name, type);
        _names.Add(typeof(T), name);
        return this;
    }

    public (string Name, byte[] Body) Write(object value)
    {
        var name = _names[value.GetType()];
        return (name, JsonSerializer.SerializeToUtf8Bytes(value, _types[name]));
    }

    /// <summary>The operation or state of this name; null where the name is not known, or the body is none of it.</summary>
    public T? Read<T>(string name, ReadOnlySpan<byte> body)
        where T : class
    {
        try
        {
            return _types.TryGetValue(name, out var type) ? JsonSerializer.Deserialize(body, type) as T : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
