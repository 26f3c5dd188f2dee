namespace Broker.Pool;

/// <summary>How far one item is that runs, as its handler reports it by <c>JobContext.ReportProgress</c>. May be lost; an item's newest counts.</summary>
/// <param name="BatchId">The call.</param>
/// <param name="JobId">The job.</param>
/// <param name="Index">The item's index in its batch, from 0.</param>
/// <param name="Fraction">From 0 to 1; null where it is not known, as of an item that has only been started.</param>
/// <param name="Text">Where it is, for people; null where the handler says nothing.</param>
public sealed record JobProgress(Guid BatchId, Guid JobId, long Index, double? Fraction, string? Text);
