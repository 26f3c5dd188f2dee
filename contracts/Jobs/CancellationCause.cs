namespace Broker.Contracts;

/// <summary>Why a running item's <see cref="JobContext.CancellationToken"/> was cancelled.</summary>
public enum CancellationCause
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>The item ran longer than its time limit.</summary>
    TimedOut,

    /// <summary>Whoever submitted the job cancelled it, or has gone away.</summary>
    Cancelled,

    /// <summary>The process stops, and the time that running jobs had to finish is over. The job is requeued.</summary>
    Shutdown,

    /// <summary>The connection that delivered the job is lost: the broker has requeued it.</summary>
    ConnectionLost,
}
