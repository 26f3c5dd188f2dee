using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Contracts.Messages;

/// <summary>One message on a kind's queue: one item, or a chunk of items, to run.</summary>
internal sealed record RunJob
{
    /// <summary>UUID version 7; the idempotency key, kept over every re-delivery and re-send.</summary>
    public required Guid JobId { get; init; }

    public required string Kind { get; init; }

    /// <summary>A JSON array with one element an item.</summary>
    public required RawJson Items { get; init; }

    /// <summary>The items' positions in their batch, from 0. With <see cref="BatchId"/> they are the items' identity.</summary>
    public required ItemIndices Indices { get; init; }

    /// <summary>The call (map, publish) this job belongs to.</summary>
    public required Guid BatchId { get; init; }

    /// <summary>Routing key on the results exchange; null when no caller waits.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>1 on the first attempt.</summary>
    public int Attempt { get; set; } = 1;

    public int MaxAttempts { get; set; } = 1;

    /// <summary>The delay before the second attempt, doubled for each further one; null for the default.</summary>
    public TimeSpan? RetryDelay { get; init; }

    /// <summary>The attempts before this one, the first first; null where this is the first.</summary>
    public IReadOnlyList<JobAttempt>? EarlierAttempts { get; init; }

    /// <summary>How long one item may run; null for no limit.</summary>
    public TimeSpan? ItemTimeout { get; init; }

    /// <summary>A job that starts later than this is not run: whoever waited has given up.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was last sent back from the dead letters; null where it never was. What was cancelled before does not concern it.</summary>
    public DateTimeOffset? RedrivenAt { get; init; }

    /// <summary>How many processes ended with it, or with the chunk that it was part of, before this message was sent; null where none did.</summary>
    public int? Crashes { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public required ProcessIdentity SubmittedBy { get; init; }

    /// <summary>
    /// Whether the caller reads several outcomes from one message. False where the field is missing, as in a job of an older version: for that it must stay
    /// init-only, see <see cref="MessageJson"/>.
    /// </summary>
    public bool TakesSequences { get; init; } = true;

    /// <summary>That of its message, wherever it is sent on its way; null for that of messages without one.</summary>
    public byte? Priority { get; init; }

    /// <summary>Whether the caller wants to be told how far the job is; null where it does not.</summary>
    public bool? WantsProgress { get; init; }

    /// <summary>Where the submitting program was in a trace of its own, as the W3C's <c>traceparent</c>; null where it traces nothing.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The W3C's <c>tracestate</c> of the same place.</summary>
    public string? TraceState { get; init; }

    /// <summary>What the submitting program wants known along the way, as the W3C's <c>baggage</c>.</summary>
    public string? Baggage { get; init; }

    /// <summary>What only a later version understands: kept when a job is sent on, to be retried or run alone. Null where there is nothing.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}
