using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Broker.Bus;
using Broker.Connection;
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
    ProcessIdentity self, int? supervisor, IReadOnlyList<HostedKind> kinds, RunningJobs running, LostJobs lost, OutcomeRoutes routes, ChangeLogLevel? changeLogLevel, Action<bool> beDrained, ILogger log)
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
            await AnswerAsync(delivery).WaitAsync(delivery.ConnectionLost);
        }
        catch (OperationCanceledException) when (delivery.ConnectionLost.IsCancellationRequested)
        {
            // The queue went with the connection, and whoever asked asks again.
        }
        catch (BrokerUnavailableException e)
        {
            log.LogDebug("a control message was not answered: {Reason}", e.Message);
        }
        catch (Exception e)
        {
            // Requeued, it would come again at once and for ever. Bad input may raise any exception type, not only a JsonException.
            log.LogWarning("a control message of type {Type} cannot be used and was dropped: {Reason}", delivery.Type, e.Message);
        }
    }

    private async Task AnswerAsync(Delivery delivery)
    {
        switch (delivery.Type)
        {
            case MessageTypes.Ping:
                var ping = Read(delivery, MessageJson.Default.Ping);
                await routes.AnswerAsync(ping.ReplyTo, Describe(ping));
                break;
            case MessageTypes.SetLogLevel:
                var change = Read(delivery, MessageJson.Default.SetLogLevel);
                if (change.Duration <= TimeSpan.Zero)
                    throw new InvalidConfigurationException($"a log level cannot be changed for {change.Duration}");
                if (changeLogLevel is not null && change.AppliesTo(self, kinds.Select(kind => kind.Kind)))
                    await routes.AnswerAsync(change.ReplyTo, Apply(change, changeLogLevel));
                break;
            case MessageTypes.Drain:
                var drain = Read(delivery, MessageJson.Default.Drain);
                if (drain.AppliesTo(self, supervisor))
                    await DrainAsync(drain);
                break;
            case MessageTypes.AskLosses:
                if (lost.AnswerTo(Read(delivery, MessageJson.Default.AskLosses)) is { } losses)
                    await routes.TellAsync(losses);
                break;
            case MessageTypes.LossesKnown:
                lost.Learn(Read(delivery, MessageJson.Default.LossesKnown));
                break;
            default:
                // From a version that knows more than we do.
                break;
        }
    }

    private static T Read<T>(Delivery delivery, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(delivery.Body.Span, type) ?? throw new JsonException("the body is null");

    private LogLevelSet Apply(SetLogLevel change, ChangeLogLevel apply)
    {
        var (level, until) = apply(change.Level, change.Duration);
        return new LogLevelSet { RequestId = change.RequestId, Worker = self, Level = level, Until = until };
    }

    private async Task DrainAsync(Drain drain)
    {
        try
        {
            await routes.AnswerAsync(drain.ReplyTo, new Draining { RequestId = drain.RequestId, Worker = self, Running = running.Count });
        }
        finally
        {
            // Who is named by the id of its own is meant alone; of its siblings and its supervisor nothing was said.
            beDrained(supervisor is not null && drain.ProcessId != self.ProcessId);
        }
    }

    private Pong Describe(Ping ping) => new()
    {
        PingId = ping.PingId,
        Worker = self,
        Version = BrokerVersion.Text,
        StartedAt = _startedAt,
        Now = DateTimeOffset.UtcNow,
        SupervisorId = supervisor,
        Kinds = [.. kinds.Select(kind => kind.Describe(running))],
    };

    private static DateTimeOffset StartOfThisProcess()
    {
        using var self = Process.GetCurrentProcess();
        return new DateTimeOffset(self.StartTime);
    }
}
