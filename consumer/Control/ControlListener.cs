using System.Diagnostics;
using System.Text.Json;
using Broker.Bus;
using Broker.Consumer.Execution;
using Broker.Contracts.Messages;
using Broker.Logging;
using Microsoft.Extensions.Logging;

namespace Broker.Consumer.Control;

/// <summary>Takes what is said to all consumers at once.</summary>
internal sealed class ControlListener(ProcessFields process, IReadOnlyList<(KindRunner Runner, int Concurrency)> served, OutcomeRoutes routes, ILogger log)
{
    private readonly DateTimeOffset _startedAt = StartOfThisProcess();

    public async Task HandleAsync(Delivery delivery)
    {
        try
        {
            if (delivery.Type != MessageTypes.Ping)
                return;
            var ping = JsonSerializer.Deserialize(delivery.Body.Span, MessageJson.Default.Ping)!;
            await routes.AnswerAsync(ping.ReplyTo, Describe(ping), delivery.ConnectionLost);
        }
        catch (JsonException e)
        {
            log.LogWarning(e, "a control message that cannot be read was dropped");
        }
    }

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
