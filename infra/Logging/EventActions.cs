using Microsoft.Extensions.Logging;

namespace Broker.Logging;

/// <summary>
/// The values of <c>event.action</c>. A query names these, so they stay when a message's wording changes.
/// </summary>
public static class EventActions
{
    public static readonly EventId BatchSubmitted = new(1, "batch-submitted");
    public static readonly EventId BatchFinished = new(2, "batch-finished");
    public static readonly EventId JobStarted = new(3, "job-started");
    public static readonly EventId JobCompleted = new(4, "job-completed");
    public static readonly EventId JobFailed = new(5, "job-failed");
    public static readonly EventId JobReturned = new(6, "job-returned");
    public static readonly EventId JobDeadLettered = new(7, "job-dead-lettered");
    public static readonly EventId ProcessStarted = new(8, "process-started");
    public static readonly EventId ProcessReady = new(9, "process-ready");
    public static readonly EventId ProcessStopping = new(10, "process-stopping");
    public static readonly EventId ProcessStopped = new(11, "process-stopped");
    public static readonly EventId ProcessCrashed = new(12, "process-crashed");
    public static readonly EventId BrokerWaiting = new(13, "broker-waiting");
    public static readonly EventId BrokerLost = new(14, "broker-lost");
    public static readonly EventId BrokerRestored = new(15, "broker-restored");
}
