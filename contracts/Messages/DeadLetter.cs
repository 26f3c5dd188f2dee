namespace Broker.Contracts.Messages;

/// <summary>A job that was given up: what it was, why, and where. Lies on the kind's dead queue until somebody looks.</summary>
internal sealed record DeadLetter
{
    /// <summary>The job with only the items that were given up, each under its own index.</summary>
    public required RunJob Job { get; init; }

    /// <summary>One failure an item, <see cref="ItemFailure.Offset"/> counted in <see cref="Job"/>'s items.</summary>
    public required IReadOnlyList<ItemFailure> Failures { get; init; }

    public required ProcessIdentity Worker { get; init; }

    public required DateTimeOffset DiedAt { get; init; }
}
