using Broker.Connection;
using Broker.Logging;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Broker.Bus;

/// <summary>
/// Says when the broker stops taking messages for want of memory or disk, and when it takes them again. Nothing else tells: publishes only
/// wait. Follows the bus from one connection to the next.
/// </summary>
internal sealed class BlockedWatch(IConnectionContextSupervisor connections, BrokerAddress address, ILogger log, CancellationToken stopped)
{
    private static readonly TimeSpan BetweenConnections = TimeSpan.FromSeconds(1);

    public void Follow() => _ = FollowAsync();

    private async Task FollowAsync()
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                await connections.Send(Pipe.Execute<ConnectionContext>(context => Hook(context.Connection, ended)), stopped);
                await ended.Task.WaitAsync(stopped);
                // The bus needs a moment to notice; until then it would hand out the same connection.
                await Task.Delay(BetweenConnections, stopped);
            }
            catch (OperationCanceledException) when (stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The broker is away, and its absence has its own words.
                log.LogDebug(e, "no news of the broker's alarms now");
                await Task.Delay(BetweenConnections, CancellationToken.None);
            }
        }
    }

    private void Hook(IConnection connection, TaskCompletionSource ended)
    {
        connection.ConnectionBlockedAsync += OnBlockedAsync;
        connection.ConnectionUnblockedAsync += OnUnblockedAsync;
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        if (!connection.IsOpen)
            ended.TrySetResult();
    }

    private Task OnBlockedAsync(object sender, ConnectionBlockedEventArgs blocked)
    {
        log.LogWarning(EventActions.BrokerBlocked, "{Broker} takes no messages: {Reason} (rabbitmq-diagnostics alarms tells more)", address, blocked.Reason);
        return Task.CompletedTask;
    }

    private Task OnUnblockedAsync(object sender, AsyncEventArgs unblocked)
    {
        log.LogInformation(EventActions.BrokerUnblocked, "{Broker} takes messages again", address);
        return Task.CompletedTask;
    }
}
