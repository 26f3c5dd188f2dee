namespace Broker.Contracts.Messages;

/// <summary>To whoever waits and has asked for it: how far jobs are that a process runs now, each job's newest item. May be lost.</summary>
internal sealed record ProgressReport
{
    public required IReadOnlyList<ReportedJob> Jobs { get; init; }
}

/// <param name="JobId">The job.</param>
/// <param name="BatchId">Its batch.</param>
/// <param name="Item">How far its item is; its <see cref="ItemProgress.Fraction"/> and text are null where it has only been started.</param>
internal sealed record ReportedJob(Guid JobId, Guid BatchId, ItemProgress Item);

/// <param name="Index">The item's position in its batch.</param>
/// <param name="Fraction">From 0 to 1; null where that is not known.</param>
/// <param name="Text">Where it is, for people; null where the handler says nothing.</param>
internal sealed record ItemProgress(long Index, double? Fraction, string? Text);
