using System.Text.Json.Serialization;

namespace Broker.Benchmarks.Raw;

/// <summary>A job with the minimum of fields.</summary>
internal sealed record RawJob(Guid JobId, string Kind, long[] Items, string ReplyTo);

/// <summary>Its outcome.</summary>
internal sealed record RawResult(Guid JobId, long[] Values);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RawJob))]
[JsonSerializable(typeof(RawResult))]
internal sealed partial class RawJson : JsonSerializerContext;
