using Broker.Connection;
using Broker.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Diagnosis;

/// <summary>Whether the broker takes messages: under a memory or disk alarm it reads nothing from a connection that publishes. Published are two messages that no queue takes.</summary>
internal sealed class AlarmCheck(BrokerAddress address)
{
    private const string Check = "alarms";

    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(2);

    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        // A blocked connection can neither declare nor delete.
        await using var declaring = await BrokerLink.OpenAsync(address, "doctor", cancellationToken);
        await using var publishing = await BrokerLink.OpenAsync(address, "doctor publish", cancellationToken);
        var exchange = Names.Probe(Names.ResultsExchange);
        try
        {
            await declaring.Serial.RunAsync(Declare, cancellationToken);
            return await PublishAsync(publishing.Connection, exchange, cancellationToken);
        }
        catch (BrokerUnavailableException e) when (!e.CanRetry)
        {
            return Finding.Skipped(Check, "nothing may be published with the permissions above");
        }
        finally
        {
            // If it cannot be deleted, its only user is gone with the next restart: it is not durable.
            await Task.WhenAny(declaring.Serial.RunAsync(Delete, CancellationToken.None).WaitAsync(ConfirmTimeout, CancellationToken.None));
        }

        async Task<bool> Declare(IChannel channel)
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Direct, durable: false, autoDelete: true, cancellationToken: cancellationToken);
            return true;
        }

        async Task<bool> Delete(IChannel channel)
        {
            await channel.ExchangeDeleteAsync(exchange, cancellationToken: CancellationToken.None);
            return true;
        }
    }

    private async Task<Finding> PublishAsync(IConnection connection, string exchange, CancellationToken cancellationToken)
    {
        var blocked = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionBlockedAsync += (_, notice) =>
        {
            blocked.TrySetResult(notice.Reason);
            return Task.CompletedTask;
        };
        await using var held = await HeldChannel.OpenAsync(connection, confirms: true, cancellationToken);
        try
        {
            var confirmed = PublishTwiceAsync(held.Channel, exchange);
            Observe(confirmed);
            var first = await Task.WhenAny(confirmed, blocked.Task).WaitAsync(ConfirmTimeout, cancellationToken);
            if (first == confirmed)
            {
                await confirmed;
                return Finding.Ok(Check, "the broker confirms messages");
            }

            return Finding.Wrong(Check, $"the broker blocks all who publish ({await blocked.Task})", "free memory or disk on its machine, or raise its limits; rabbitmq-diagnostics alarms names the node");
        }
        catch (TimeoutException)
        {
            return Finding.Wrong(Check, $"the broker did not confirm a message within {ConfirmTimeout.TotalSeconds:0} s", "see the load and the log of its machine");
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException)
        {
            throw BrokerUnavailableException.From(e, address);
        }
    }

    /// <summary>The broker reads one message before it blocks a connection.</summary>
    private static async Task PublishTwiceAsync(IChannel channel, string exchange)
    {
        // Without a token: a cancelled publish corrupts the sequence of confirmations.
        for (var message = 0; message < 2; message++)
            await channel.BasicPublishAsync(exchange, Names.KindsKey, mandatory: false, ReadOnlyMemory<byte>.Empty, CancellationToken.None);
    }

    /// <summary>One that is left behind fails when its connection is closed.</summary>
    private static void Observe(Task publishing) => _ = publishing.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
