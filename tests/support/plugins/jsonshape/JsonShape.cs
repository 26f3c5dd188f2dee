using System.Text.Json.Serialization;
using Broker.Contracts;
using Broker.Tests.Handlers;

namespace Broker.Tests.JsonShape;

/// <summary>Shapes its result by attributes of a System.Text.Json that the consumer's serializer does not know.</summary>
public sealed record Shaped(string Text) : IJob<IReadOnlyList<ShapedPart>>
{
    public static string Kind => KindSuffix.Of("shaped");
}

public sealed record ShapedPart([property: JsonPropertyName("t")] string Text);

public sealed class ShapedHandler : IJobHandler<Shaped, IReadOnlyList<ShapedPart>>
{
    public Task<IReadOnlyList<ShapedPart>> HandleAsync(Shaped args, JobContext job) => Task.FromResult<IReadOnlyList<ShapedPart>>([new(args.Text)]);
}
