namespace Broker.Pool;

/// <summary>What was published: the broker has confirmed all of it.</summary>
/// <param name="BatchId">The id of the call, as it is shown in logs.</param>
/// <param name="Items">How many items there were.</param>
public sealed record PublishedBatch(Guid BatchId, long Items);
