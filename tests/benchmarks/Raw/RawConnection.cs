using System.Text;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Benchmarks.Raw;

/// <summary>Two connections, as in our client: one publishes and one consumes, because an alarm blocks the first and must not block acknowledgements.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    /// <summary>The raw side's kind: its queues have the same names, arguments and exchanges as those of any kind.</summary>
    public const string Kind = "benchmark-raw";

    private readonly IConnection _sending;
    private readonly IConnection _receiving;

    private RawConnection(IConnection sending, IConnection receiving, IChannel publisher, IChannel consumer)
    {
        _sending = sending;
        _receiving = receiving;
        Publisher = publisher;
        Consumer = consumer;
    }

    /// <summary>Confirms every publish. Without a rate limiter: the publisher limits its own window.</summary>
    public IChannel Publisher { get; }

    public IChannel Consumer { get; }

    public string ServerVersion =>
        _sending.ServerProperties?.TryGetValue("version", out var version) == true && version is byte[] text ? Encoding.UTF8.GetString(text) : "unknown";

    public static async Task<RawConnection> OpenAsync(string url, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = new Uri(url), AutomaticRecoveryEnabled = false };
        var sending = await factory.CreateConnectionAsync($"{name} send", cancellationToken);
        var receiving = await factory.CreateConnectionAsync($"{name} receive", cancellationToken);
        var publisher = await sending.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null),
            cancellationToken);
        var consumer = await receiving.CreateChannelAsync(cancellationToken: cancellationToken);
        return new RawConnection(sending, receiving, publisher, consumer);
    }

    /// <summary>Publishes persistently and mandatorily; the task ends with the broker's confirmation. One caller at a time until it has returned.</summary>
    public ValueTask PublishAsync(string exchange, string routingKey, byte[] body) =>
        Publisher.BasicPublishAsync(exchange, routingKey, mandatory: true, new BasicProperties { Persistent = true, ContentType = "application/json" }, body);

    public async Task ConsumeAsync(string queue, ushort prefetch, IAsyncBasicConsumer consumer)
    {
        await Consumer.BasicQosAsync(0, prefetch, global: false);
        await Consumer.BasicConsumeAsync(queue, autoAck: false, consumer);
    }

    public async Task DeclareAsync(string clientId, CancellationToken cancellationToken)
    {
        await Consumer.ExchangeDeclareAsync(Names.DeadExchange, ExchangeType.Direct, durable: true, cancellationToken: cancellationToken);
        await DeclareAsync(Names.DeadQueue(Kind), QueueArguments.Dead(), Names.DeadExchange, Kind, cancellationToken);
        await Consumer.ExchangeDeclareAsync(Names.JobsExchange, ExchangeType.Direct, durable: true, cancellationToken: cancellationToken);
        await DeclareAsync(Names.JobsQueue(Kind), QueueArguments.Jobs(Kind), Names.JobsExchange, Kind, cancellationToken);
        await Consumer.ExchangeDeclareAsync(Names.ResultsExchange, ExchangeType.Direct, durable: true, cancellationToken: cancellationToken);
        await DeclareAsync(Names.ResultsQueue(clientId), QueueArguments.Results(), Names.ResultsExchange, clientId, cancellationToken);
    }

    public async Task DeleteAsync(string clientId)
    {
        foreach (var queue in new[] { Names.JobsQueue(Kind), Names.DeadQueue(Kind), Names.ResultsQueue(clientId) })
            await Consumer.QueueDeleteAsync(queue);
    }

    public async ValueTask DisposeAsync()
    {
        await _sending.CloseAsync();
        await _receiving.CloseAsync();
        await _sending.DisposeAsync();
        await _receiving.DisposeAsync();
    }

    private async Task DeclareAsync(string queue, Dictionary<string, object?> arguments, string exchange, string routingKey, CancellationToken cancellationToken)
    {
        await Consumer.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken);
        await Consumer.QueueBindAsync(queue, exchange, routingKey, cancellationToken: cancellationToken);
    }
}
