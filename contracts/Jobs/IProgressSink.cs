namespace Broker.Contracts;

/// <summary>Takes what handlers report of their progress. Neither waits nor throws.</summary>
internal interface IProgressSink
{
    /// <param name="index">The item.</param>
    /// <param name="fraction">From 0 to 1; null where it is not known.</param>
    /// <param name="text">Where it is, for people; null where there is none.</param>
    void Report(long index, double? fraction, string? text);
}
