using System.Runtime.CompilerServices;
using Broker.Connection;
using Broker.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Diagnosis;

/// <summary>Whether the broker has what this project needs and an administrator, or an upgrade that was not finished, may have left off: tried by declaring it.</summary>
internal sealed class FeatureCheck(BrokerAddress address)
{
    // Of fixed names, for the name of a quorum queue is never freed; so it expires where its deletion fails.
    private static readonly (string Type, string Flag, string Loss, Dictionary<string, object?> Arguments)[] Features =
    [
        ("quorum", "quorum_queue", "no job can be queued", new() { ["x-queue-type"] = "quorum", ["x-expires"] = 60_000L }),
        ("stream", "stream_queue", "nothing can be cancelled or detached, and retries may be lost when the broker fails", new() { ["x-queue-type"] = "stream" }),
    ];

    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var there = new List<string>();
        BrokerServer? server = null;
        foreach (var (type, flag, loss, arguments) in Features)
        {
            // A connection for each: some versions close it, not only the channel.
            await using var link = await BrokerLink.OpenAsync(address, "doctor", cancellationToken);
            server = BrokerServer.Of(link.Connection);
            Finding? missing = null;
            try
            {
                await TryAsync(link.Serial, Names.ProbeOfType(type), arguments, cancellationToken);
                there.Add($"{type} queues");
            }
            catch (Exception e) when ((e as OperationInterruptedException ?? e.InnerException as OperationInterruptedException)?.ShutdownReason is { ReplyCode: not Constants.AccessRefused } reason)
            {
                missing = Finding.Wrong("features", $"the broker cannot declare a {type} queue, so {loss} ({reason.ReplyText})", $"rabbitmqctl enable_feature_flag {flag}");
            }
            catch (BrokerUnavailableException e) when (!e.CanRetry)
            {
                missing = Finding.Skipped("features", $"{type} queues are not tried without the permissions above");
            }

            if (missing is not null)
                yield return missing;
        }

        if (there.Count > 0)
            yield return Finding.Ok("features", string.Join(" and ", there));
        if (server is { HasDeliveryLimits: false })
            yield return Finding.Skipped("job duration", $"{server.Text} has no limit per queue: a job, or a hold, that lasts longer than its consumer_timeout (30 minutes, unless rabbitmq.conf says more) is ended and begins again");
    }

    private static Task<uint> TryAsync(SerialChannel serial, string queue, Dictionary<string, object?> arguments, CancellationToken cancellationToken) => serial.RunAsync(
        async channel =>
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
            return await channel.QueueDeleteAsync(queue, cancellationToken: cancellationToken);
        },
        cancellationToken);
}
