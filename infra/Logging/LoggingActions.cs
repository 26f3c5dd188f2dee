using Microsoft.Extensions.Logging;

namespace Broker.Logging;

/// <summary>The values of <c>event.action</c> for what concerns logging itself. A query names these, so they stay when a message's wording changes.</summary>
public static class LoggingActions
{
    public static readonly EventId LogLevelChanged = new(40, "log-level-changed");

    /// <summary>Events that found no room while Elasticsearch was away, counted by level.</summary>
    public static readonly EventId LogsDropped = new(41, "logs-dropped");

    /// <summary>Events that Elasticsearch will never take, such as one whose field has another type than the index.</summary>
    public static readonly EventId LogsRejected = new(42, "logs-rejected");
}
