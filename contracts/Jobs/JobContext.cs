using Microsoft.Extensions.Logging;

namespace Broker.Contracts;

/// <summary>What a handler knows of the item it runs.</summary>
public sealed class JobContext
{
    /// <summary>The job's id: the same over every delivery of it, so it can serve as an idempotency key together with <see cref="Index"/>.</summary>
    public required Guid JobId { get; init; }

    /// <summary>The call (map, publish) this job belongs to.</summary>
    public Guid BatchId { get; init; }

    /// <summary>The item's position in its batch, from 0.</summary>
    public long Index { get; init; }

    /// <summary>1 on the first attempt.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Cancelled when the item's time is up, the job is cancelled, the process stops and its drain time is over, or the connection that delivered the job is lost.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Why it was cancelled; <see cref="CancellationCause.None"/> as long as it is not.</summary>
    public CancellationCause CancellationCause => Cause();

    internal Func<CancellationCause> Cause { get; init; } = static () => CancellationCause.None;

    /// <summary>Writes to the process's log, with the job's id, kind, batch and attempt on every event.</summary>
    public required ILogger Logger { get; init; }
}
