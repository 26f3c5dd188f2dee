using System.Text.Json;

namespace Broker.Producer.Cli.Management;

/// <summary>A queue as the broker counts it, a few seconds old.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MessagesUnacknowledged">Messages that are with a consumer.</param>
/// <param name="Members">The nodes that hold its data; null where it is not replicated.</param>
/// <param name="Online">Those of them that run.</param>
/// <param name="Policy">The policy that applies to it.</param>
/// <param name="OperatorPolicy">The operator's policy that applies to it.</param>
/// <param name="EffectivePolicyDefinition">What these set together: an object.</param>
/// <param name="MessageStats">Counts and rates; null where nothing has happened, or the plugin counts nothing.</param>
internal sealed record QueueState(
    string Name, long? MessagesUnacknowledged, string[]? Members, string[]? Online, string? Policy, string? OperatorPolicy, JsonElement EffectivePolicyDefinition, QueueStats? MessageStats);

/// <param name="PublishDetails">Of the messages that come in.</param>
internal sealed record QueueStats(QueueRate? PublishDetails);

/// <param name="Rate">Messages per second.</param>
internal sealed record QueueRate(double Rate);
