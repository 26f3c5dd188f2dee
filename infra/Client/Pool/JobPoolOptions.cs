using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Pool;

/// <summary>How a <see cref="JobPool"/> connects and whom it tells.</summary>
public sealed class JobPoolOptions
{
    /// <summary>What the connections are called in RabbitMQ's lists, and the producer's name on every job. Default: host and process id.</summary>
    public string? Name { get; set; }

    public ILoggerFactory Logs { get; set; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Hears, in one line each, what a person who waits would want to know: no consumer serves the kind, the broker went, the broker is back.
    /// Called from any thread.
    /// </summary>
    public Action<string>? OnNotice { get; set; }
}
