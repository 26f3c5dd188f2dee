namespace Broker.Primitives.Log;

/// <summary>What a primitive is called in the log: two primitives of different types may share a name.</summary>
/// <param name="Type">As <c>event</c>; without a colon.</param>
/// <param name="Name">As its users call it.</param>
internal readonly record struct PrimitiveKey(string Type, string Name)
{
    /// <summary>The longest name in characters: all who share the log keep every name in memory.</summary>
    public const int MaxLength = 1000;

    /// <summary>The key in a record, as <c>event:start</c>.</summary>
    public override string ToString() => $"{Type}:{Name}";

    /// <summary>The key that <see cref="ToString"/> wrote.</summary>
    public static PrimitiveKey Parse(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? new PrimitiveKey(text[..colon], text[(colon + 1)..]) : new PrimitiveKey("", text);
}
