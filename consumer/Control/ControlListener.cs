using System.Diagnostics;
using System.Text.Json;
using Broker.Bus;
using Broker.Configuration;
using Broker.Consumer.Execution;
using Broker.Contracts.Messages;
using Broker.Logging;
using Microsoft.Extensions.Logging;

namespace Broker.Consumer.Control;

/// <summary>Takes what is said to all consumers at once.</summary>
internal sealed class ControlListener(
    ProcessFields process, IReadOnlyList<(KindRunner Runner, int Concurrency)> served, OutcomeRoutes routes, TemporaryLogLevel logLevel, ILogger log)
{
    private readonly DateTimeOffset _startedAt = StartOfThisProcess();

    public async Task HandleAsync(Delivery delivery)
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
                    if (change.AppliesTo(process.Identity, served.Select(kind => kind.Runner.Kind)))
                        await routes.AnswerAsync(change.ReplyTo, Apply(change), delivery.ConnectionLost);
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

    private LogLevelSet Apply(SetLogLevel change) => new()
    {
        RequestId = change.RequestId,
        Worker = process.Identity,
        Level = LogLevels.NameOf(change.Level),
        Until = logLevel.Change(change.Level, change.Duration),
    };

    private Pong Describe(Ping ping) => new()
    {
        PingId = ping.PingId,
        Worker = process.Identity,
        Version = ProcessFields.Version,
        StartedAt = _startedAt,
        Kinds = [.. served.Select(kind => kind.Runner.Describe(kind.Concurrency))],
    };

    private static DateTimeOffset StartOfThisProcess()
    {
        using var self = Process.GetCurrentProcess();
        return new DateTimeOffset(self.StartTime);
    }
}
