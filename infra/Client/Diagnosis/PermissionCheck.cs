using Broker.Connection;
using Broker.Topology;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Broker.Diagnosis;

/// <summary>
/// Whether we have the permissions of a producer. RabbitMQ checks patterns of names, so they are tried on queues with names like the real ones, exclusive and deleted at once;
/// the permission to publish to an exchange is that of a queue that would dead-letter to it, so nothing is published. Each request needs permissions that its
/// refusal tells apart: not all versions say which it was.
/// </summary>
internal sealed class PermissionCheck(SerialChannel serial, BrokerAddress address)
{
    private static readonly (string Like, string Publishes, string Binds)[] Tries =
    [
        (Names.JobsExchange, Names.DeadExchange, Names.JobsExchange),
        (Names.DeadExchange, Names.JobsExchange, Names.DeadExchange),
        (Names.ResultsExchange, Names.ControlExchange, Names.ResultsExchange),
        (Names.KindsQueue, Names.JobsExchange, Names.JobsExchange),
        (Names.OutcomeStreams, Names.ResultsExchange, Names.ResultsExchange),
    ];

    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var (like, publishes, binds) in Tries)
        {
            // Without it, the others cannot be tried.
            if (!await TryAsync(channel => DeclareAsync(channel, Names.Probe(like), null), $"configure on queues {like}.*", $"configure on queues {like}.*"))
                continue;
            var queue = Names.Probe(like);
            await TryAsync(channel => DeclareAsync(channel, queue, publishes), $"read on queues {like}.*", $"write on exchange {publishes}");
            await TryAsync(
                async channel =>
                {
                    await channel.QueueBindAsync(queue, binds, Names.KindsKey, cancellationToken: cancellationToken);
                    await channel.QueueDeleteAsync(queue, cancellationToken: cancellationToken);
                },
                $"write on queues {like}.*",
                $"read on exchange {binds}");
        }

        return missing.Count == 0
            ? Finding.Ok("permissions", $"user '{address.User}' may do what a producer does")
            : Finding.Wrong("permissions", $"user '{address.User}' lacks {string.Join(", ", missing.Distinct())}", Names.ProducerGrant(address.VirtualHost, address.User));

        async Task DeclareAsync(IChannel channel, string queue, string? publishes)
        {
            var arguments = QueueArguments.Control();
            if (publishes is not null)
                arguments["x-dead-letter-exchange"] = publishes;
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: true, autoDelete: false, arguments, cancellationToken: cancellationToken);
        }

        async Task<bool> TryAsync(Func<IChannel, Task> request, string ofQueue, string ofExchange)
        {
            try
            {
                return await serial.RunAsync(
                    async channel =>
                    {
                        await request(channel);
                        return true;
                    },
                    cancellationToken);
            }
            catch (BrokerUnavailableException e) when (!e.CanRetry)
            {
                missing.Add(e.Message.Contains("exchange '", StringComparison.Ordinal) ? ofExchange : ofQueue);
                return false;
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                // Permissions are checked first: what is not there yet may be declared.
                return true;
            }
        }
    }
}
