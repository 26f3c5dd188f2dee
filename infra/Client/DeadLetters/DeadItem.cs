using System.Text.Json;
using Broker.Contracts;

namespace Broker.DeadLetters;

/// <summary>An item that was given up, as it lies on its kind's dead-letter queue.</summary>
public sealed record DeadItem
{
    public required string Kind { get; init; }

    public required Guid JobId { get; init; }

    public required Guid BatchId { get; init; }

    /// <summary>The item's position in its batch, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>The item as it was sent.</summary>
    public required JsonElement Item { get; init; }

    /// <summary>The type of the last attempt's exception, or one of <see cref="FailureTypes"/>.</summary>
    public required string FailureType { get; init; }

    public required string FailureMessage { get; init; }

    /// <summary>The remote stack, where there is one.</summary>
    public string? StackTrace { get; init; }

    /// <summary>The inner exceptions, the outermost first.</summary>
    public IReadOnlyList<FailureCause> Causes { get; init; } = [];

    /// <summary>Its attempts, the first first. Empty where RabbitMQ itself dead-lettered the job.</summary>
    public required IReadOnlyList<DeadAttempt> Attempts { get; init; }

    /// <summary>When it was given up; null where RabbitMQ itself dead-lettered the job.</summary>
    public required DateTimeOffset? DiedAt { get; init; }
}

/// <summary>An attempt at an item.</summary>
/// <param name="Worker">The process that ran it.</param>
/// <param name="EndedAt">When it failed.</param>
public sealed record DeadAttempt(ProcessIdentity Worker, DateTimeOffset EndedAt);
