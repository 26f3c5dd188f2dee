using Microsoft.Extensions.Logging;

namespace Broker.Telemetry;

/// <summary>
/// The values of <c>event.action</c>. A query names these, so they stay when a message's wording changes.
/// </summary>
internal static class EventActions
{
    public static readonly EventId BatchSubmitted = new(1, "batch-submitted");
    public static readonly EventId BatchFinished = new(2, "batch-finished");

    /// <summary>A deadline, an interruption or an error ended the batch before its last outcome.</summary>
    public static readonly EventId BatchCancelled = new(3, "batch-cancelled");

    /// <summary>By the producer, one a job, when the broker has confirmed it.</summary>
    public static readonly EventId JobSubmitted = new(4, "job-submitted");
    public static readonly EventId JobReceived = new(5, "job-received");
    public static readonly EventId JobStarted = new(6, "job-started");

    /// <summary>One a message of outcomes, whether or not items failed.</summary>
    public static readonly EventId JobCompleted = new(7, "job-completed");

    /// <summary>One an item that has failed for good, or one for a job that was not run.</summary>
    public static readonly EventId JobFailed = new(8, "job-failed");
    public static readonly EventId JobTimedOut = new(9, "job-timed-out");
    public static readonly EventId JobExpired = new(10, "job-expired");

    /// <summary>Given back to the broker, which hands it to another process.</summary>
    public static readonly EventId JobReturned = new(11, "job-returned");

    /// <summary>A chunk that may hold a crasher goes on as jobs of one item.</summary>
    public static readonly EventId JobSplit = new(12, "job-split");
    public static readonly EventId JobDeadLettered = new(13, "job-dead-lettered");

    /// <summary>By the producer, when a job's outcomes have come back.</summary>
    public static readonly EventId JobAnswered = new(14, "job-answered");

    /// <summary>One an item that failed and is run again later.</summary>
    public static readonly EventId JobRetried = new(15, "job-retried");

    /// <summary>One a job that was cancelled before it started; and one for all that are ended at once where they are held.</summary>
    public static readonly EventId JobCancelled = new(16, "job-cancelled");

    /// <summary>It seems to end its process: it goes on to the queue of those that are run alone.</summary>
    public static readonly EventId JobSuspected = new(17, "job-suspected");

    public static readonly EventId ProcessStarted = new(20, "process-started");
    public static readonly EventId ProcessReady = new(21, "process-ready");
    public static readonly EventId ProcessStopping = new(22, "process-stopping");
    public static readonly EventId ProcessStopped = new(23, "process-stopped");

    /// <summary>By the supervisor, of a child: by itself or by a signal, but not because it was asked to.</summary>
    public static readonly EventId ProcessCrashed = new(24, "process-crashed");

    /// <summary>By the supervisor; the child's own first event is <see cref="ProcessStarted"/>.</summary>
    public static readonly EventId ChildStarted = new(25, "child-started");

    public static readonly EventId BrokerConnected = new(30, "broker-connected");
    public static readonly EventId BrokerWaiting = new(31, "broker-waiting");
    public static readonly EventId BrokerLost = new(32, "broker-lost");
    public static readonly EventId BrokerRestored = new(33, "broker-restored");

    /// <summary>The broker is short of memory or disk and takes no messages.</summary>
    public static readonly EventId BrokerBlocked = new(34, "broker-blocked");
    public static readonly EventId BrokerUnblocked = new(35, "broker-unblocked");
}
