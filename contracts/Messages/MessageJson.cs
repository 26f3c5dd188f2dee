using System.Text.Json.Serialization;

namespace Broker.Contracts.Messages;

/// <summary>
/// How messages are written: camelCase, nulls left out, unknown fields ignored on reading, so that versions can mix. Generated at
/// compile time: a cold start does not pay for reflection. What has a default beside it is settable, for generated code gives init-only
/// properties that are missing the type's default instead.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    MaxDepth = MaxDepth)]
[JsonSerializable(typeof(AskLosses))]
[JsonSerializable(typeof(LossesKnown))]
[JsonSerializable(typeof(BatchDetached))]
[JsonSerializable(typeof(CancelJobs))]
[JsonSerializable(typeof(RunJob))]
[JsonSerializable(typeof(JobCompleted))]
[JsonSerializable(typeof(JobDelayed))]
[JsonSerializable(typeof(ProgressReport))]
[JsonSerializable(typeof(DeadLetter))]
[JsonSerializable(typeof(Ping))]
[JsonSerializable(typeof(Pong))]
[JsonSerializable(typeof(SetLogLevel))]
[JsonSerializable(typeof(LogLevelSet))]
[JsonSerializable(typeof(Drain))]
[JsonSerializable(typeof(Draining))]
internal sealed partial class MessageJson : JsonSerializerContext
{
    /// <summary>
    /// Far deeper than any item that a handler reads: such an item must fail alone, with a failure that says so, and not make its message unreadable.
    /// Nothing that reads a message recurses.
    /// </summary>
    public const int MaxDepth = 100_000;

    /// <summary>The depth of an item and of a result: they are two levels deep in their message, and most readers of JSON allow 64.</summary>
    public const int MaxItemDepth = 62;
}
