namespace Broker.Contracts.Messages;

/// <summary>
/// To all consumers, those that start within a day too: jobs that are not to run any more. It is kept in a stream, so that a job that is met later is still known as cancelled.
/// </summary>
internal sealed record CancelJobs
{
    /// <summary>Batch ids and job ids; empty where a consumer only marks how far it has to read.</summary>
    public required IReadOnlyList<Guid> Ids { get; init; }

    /// <summary>By the canceller's clock.</summary>
    public required DateTimeOffset CancelledAt { get; init; }

    /// <summary>Of whoever reads the stream for the first time, to know when it has read all that was there; null in a cancellation.</summary>
    public Guid? Marker { get; init; }
}
