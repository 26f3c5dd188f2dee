namespace Broker.Contracts.Messages;

/// <summary>The outcomes of a job's items, or of a part of them where all would not fit one message.</summary>
internal sealed record JobCompleted
{
    public required Guid JobId { get; init; }

    public required string Kind { get; init; }

    public required Guid BatchId { get; init; }

    /// <summary>The items' positions in their batch, in the order of <see cref="Values"/>.</summary>
    public required ItemIndices Indices { get; init; }

    /// <summary>How many outcomes this message holds.</summary>
    public required int Count { get; init; }

    public int Attempt { get; set; } = 1;

    /// <summary>A JSON array of <see cref="Count"/> results in order, <c>null</c> where the item failed.</summary>
    public required RawJson Values { get; init; }

    /// <summary>The items that failed; null when none did.</summary>
    public IReadOnlyList<ItemFailure>? Failures { get; init; }

    public required ProcessIdentity Worker { get; init; }

    /// <summary>How many jobs of this kind the worker runs at once.</summary>
    public int Concurrency { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }
}

/// <summary>Why an item failed, as data: the caller need not know the exception's type.</summary>
/// <param name="Offset">Position within the message's outcomes, from 0.</param>
/// <param name="Type">The exception's full type name, or one of <see cref="FailureTypes"/>.</param>
/// <param name="Message">One line where the handler wrote one line.</param>
/// <param name="StackTrace">The remote stack, where there is one.</param>
/// <param name="Retryable">Whether another attempt could help.</param>
/// <param name="Causes">The inner exceptions, the outermost first; null where there are none.</param>
/// <param name="RetryAfter">When the handler wants another attempt, from its failure on; null where it said nothing of that.</param>
internal sealed record ItemFailure(
    int Offset, string Type, string Message, string? StackTrace, bool Retryable, IReadOnlyList<FailureCause>? Causes = null, TimeSpan? RetryAfter = null);
