namespace Broker.Contracts.Messages;

/// <summary>The outcomes of a job's items, or of a part of them where all would not fit one message.</summary>
public sealed record JobCompleted
{
    public required Guid JobId { get; init; }

    public required string Kind { get; init; }

    public Guid? BatchId { get; init; }

    /// <summary>The batch position of the first outcome in this message.</summary>
    public long FirstIndex { get; init; }

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
public sealed record ItemFailure(int Offset, string Type, string Message, string? StackTrace, bool Retryable);

/// <summary>Failures that Broker itself gives, rather than a handler's exception.</summary>
public static class FailureTypes
{
    /// <summary>The item is not what the kind takes.</summary>
    public const string DoesNotFit = "does-not-fit";

    /// <summary>The item ran longer than its time limit.</summary>
    public const string TimedOut = "timed-out";

    /// <summary>The job's deadline had passed before it was started.</summary>
    public const string Expired = "expired";

    /// <summary>The job was delivered again and again and never answered: it ends the process that runs it.</summary>
    public const string Crashed = "crashed";

    /// <summary>The result cannot be written as JSON, or is larger than a message may be.</summary>
    public const string BadResult = "bad-result";

    /// <summary>The consumer that received the job has no handler of its kind.</summary>
    public const string UnknownKind = "unknown-kind";
}
