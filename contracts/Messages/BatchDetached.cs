namespace Broker.Contracts.Messages;

/// <summary>On the stream of a detached batch's outcomes: once before its first job is sent, once after its last is confirmed.</summary>
internal sealed record BatchDetached
{
    public required Guid BatchId { get; init; }

    public required string Kind { get; init; }

    /// <summary>How many items it has; null as long as that is not known.</summary>
    public long? Items { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public required ProcessIdentity SubmittedBy { get; init; }
}
