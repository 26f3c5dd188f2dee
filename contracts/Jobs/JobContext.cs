using Microsoft.Extensions.Logging;

namespace Broker.Contracts;

/// <summary>What a handler knows of the item it runs.</summary>
public sealed class JobContext
{
    private const int MaxProgressText = 200;

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

    internal IProgressSink? Progress { get; init; }

    /// <summary>The job's scope of services.</summary>
    internal IServiceProvider? Services { get; init; }

    /// <summary>
    /// Says how far the item is: <c>producer status</c> shows it, and whoever waits and has asked for it (a progress bar, <c>BatchOptions.Progress</c>) is told, a few times a second at most: however
    /// often this is called, the newest counts. It neither waits nor fails; what is reported may be lost.
    /// </summary>
    /// <param name="fraction">From 0 to 1; <see cref="double.NaN"/> where it is not known.</param>
    /// <param name="text">Where it is, for people, such as <c>page 3 of 7</c>; shown up to 200 characters.</param>
    public void ReportProgress(double fraction, string? text = null) =>
        Progress?.Report(Index, double.IsNaN(fraction) ? null : Math.Clamp(fraction, 0, 1), text is { Length: > MaxProgressText } ? text[..MaxProgressText] : text);

    /// <summary>Writes to the process's log, with the job's id, kind, batch and attempt on every event.</summary>
    public required ILogger Logger { get; init; }
}
