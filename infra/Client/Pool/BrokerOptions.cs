using System.Text.Json;
using Broker.Contracts;
using Microsoft.Extensions.Logging;

namespace Broker.Pool;

/// <summary>Where the broker is, and how this program uses it. Read once, when the pool is made.</summary>
public sealed class BrokerOptions
{
    /// <summary>
    /// <c>amqp://user:password@host:port/vhost</c>, or <c>amqps</c> for TLS. The nodes of a cluster stand in one address, <c>host1:port,host2:port</c>:
    /// connections begin at a random one and go to the next when it does not answer. Default: guest on this machine. Not used where a pool is connected with an
    /// address of its own.
    /// </summary>
    public string Url { get; set; } = "amqp://guest:guest@localhost:5672/";

    /// <summary>
    /// With <c>amqps</c>: the path of a PEM file with the only certificate authorities to trust, or its text. Null trusts those of the
    /// system.
    /// </summary>
    public string? Ca { get; set; }

    /// <summary>With <c>amqps</c>: the path of a PEM file with our own certificate, or its text, for a broker that demands one. Null is none.</summary>
    public string? Cert { get; set; }

    /// <summary>The path of a PEM file with the key of <see cref="Cert"/>, not encrypted, or its text. Null where it stands beside the certificate.</summary>
    public string? Key { get; set; }

    /// <summary>The connections' name in RabbitMQ's lists, and the producer's name on every job. Null is host name and process id.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// How long a call may take that gives no <see cref="CallOptions.Deadline"/> of its own: more than zero, at most 49 days. Null is no
    /// limit. Does not apply to publishing.
    /// </summary>
    public TimeSpan? DefaultDeadline { get; set; }

    /// <summary>
    /// How jobs and results are written as JSON. Null is <see cref="PayloadJson.Options"/>; others are made by
    /// <see cref="PayloadJson.With"/>. Producers and consumers of a kind must use the same.
    /// </summary>
    public JsonSerializerOptions? Json { get; set; }

    /// <summary>Where the pool logs to. Null is the container's logger factory where there is a container, and otherwise nowhere.</summary>
    public ILoggerFactory? Logs { get; set; }

    /// <summary>
    /// Receives one line each time that something holds up whoever waits: no consumer serves the kind, the broker is away, the broker is
    /// back. Called from any thread.
    /// </summary>
    public Action<string>? OnNotice { get; set; }
}
