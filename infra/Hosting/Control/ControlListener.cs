using System.Diagnostics;
using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Deliveries;
using Broker.Hosting.Execution;
using Broker.Hosting.Running;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Control;

/// <summary>Takes what is said to all consumers at once.</summary>
internal sealed class ControlListener(
    ProcessIdentity self, IReadOnlyList<HostedKind> kinds, RunningJobs running, OutcomeRoutes routes, ChangeLogLevel? changeLogLevel, ILogger log)
{
    private readonly DateTimeOffset _startedAt = StartOfThisProcess();

    public Subscription Subscription() => new(
        Names.ControlQueue($"{self.Host}-{self.ProcessId}-{Guid.CreateVersion7():N}"),
        Names.ControlExchange,
        "fanout",
        "",
        QueueArguments.Control(),
        Prefetch: 10,
        HandleAsync,
        Exclusive: true);

    private async Task HandleAsync(Delivery delivery)
    {
        try
        {
            switch (delivery.Type)
            {
                case MessageTypes.Ping:
                    var ping = JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.Ping)!;
                    await routes.AnswerAsync(ping.ReplyTo, Describe(ping), delivery.ConnectionLost);
                    break;
                case MessageTypes.SetLogLevel:
                    var change = JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.SetLogLevel)!;
                    if (changeLogLevel is not null && change.AppliesTo(self, kinds.Select(kind => kind.Kind)))
                        await routes.AnswerAsync(change.ReplyTo, Apply(change, changeLogLevel), delivery.ConnectionLost);
                    break;
                default:
                    // From a version that knows more than we do.
                    break;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidConfigurationException)
        {
            log.LogWarning(e, "a control message that cannot be read was dropped");
        }
    }

    private LogLevelSet Apply(SetLogLevel change, ChangeLogLevel apply)
    {
        var (level, until) = apply(change.Level, change.Duration);
        return new LogLevelSet { RequestId = change.RequestId, Worker = self, Level = level, Until = until };
    }

    private Pong Describe(Ping ping) => new()
    {
        PingId = ping.PingId,
        Worker = self,
        Version = BrokerVersion.Text,
        StartedAt = _startedAt,
        Kinds = [.. kinds.Select(kind => kind.Describe(running.CountOf(kind.Kind)))],
    };

    private static DateTimeOffset StartOfThisProcess()
    {
        using var self = Process.GetCurrentProcess();
        return new DateTimeOffset(self.StartTime);
    }
}
