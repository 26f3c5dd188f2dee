namespace Broker.Contracts.Messages;

/// <summary>To whoever waits: items of a job failed and are tried again at a later time, so that nobody looks for them until then.</summary>
internal sealed record JobDelayed
{
    public required Guid BatchId { get; init; }

    public required ItemIndices Indices { get; init; }

    /// <summary>How many items are delayed.</summary>
    public required int Count { get; init; }

    /// <summary>How long, from now on.</summary>
    public required TimeSpan Delay { get; init; }
}
