using Microsoft.Extensions.Logging;

namespace Broker.Logging.Events;

/// <summary>The values of <c>event.action</c> for events about logging itself. Queries use these, so they stay when a message's wording changes.</summary>
public static class LoggingActions
{
    public static readonly EventId LogLevelChanged = new(40, "log-level-changed");

    /// <summary>Events dropped because the spool was full while Elasticsearch was unavailable, counted by level.</summary>
    public static readonly EventId LogsDropped = new(41, "logs-dropped");

    /// <summary>Events that Elasticsearch rejected for good, such as one whose field has another type than in the index.</summary>
    public static readonly EventId LogsRejected = new(42, "logs-rejected");
}
