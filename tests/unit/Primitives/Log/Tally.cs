using System.Text.Json.Serialization;
using Broker.Primitives.Log;

namespace Broker.Tests.Unit.Primitives.Log;

/// <summary>Adds a number; the outcome is the sum after it.</summary>
internal sealed record TallyAdd(long Number) : Operation
{
    public override PrimitiveState NewState() => new Tally();
}

/// <summary>A sum and the order in which it came about.</summary>
internal sealed class Tally : PrimitiveState
{
    public List<long> Numbers { get; set; } = [];

    public override object? Apply(Operation operation, in LogPlace place)
    {
        Numbers.Add(((TallyAdd)operation).Number);
        return Numbers.Sum();
    }
}

[JsonSerializable(typeof(TallyAdd))]
[JsonSerializable(typeof(Tally))]
internal sealed partial class TallyJson : JsonSerializerContext;

internal static class TallyCodec
{
    public static OperationCodec Instance { get; } = new OperationCodec().Add("tally.add", TallyJson.Default.TallyAdd).Add("tally", TallyJson.Default.Tally);
}
