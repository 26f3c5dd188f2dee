using Broker.Primitives.Log;
using Broker.Topology;

namespace Broker.Primitives.Tokens;

/// <summary>The permits of one name: as many tokens in one queue, whose epoch stands in the log.</summary>
/// <param name="Type">As <c>lock</c>; each type has names of its own.</param>
/// <param name="Name">As its users call it.</param>
/// <param name="Permits">How many there are.</param>
internal sealed record TokenSet(string Type, string Name, int Permits)
{
    public PrimitiveKey Key { get; } = new(Type, SafeName.Of(Name));

    public string Queue { get; } = Names.TokenQueue(Type, Name);

    public override string ToString() => $"{Type} '{Name}'";
}
