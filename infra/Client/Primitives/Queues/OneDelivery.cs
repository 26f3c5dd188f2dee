using RabbitMQ.Client;

namespace Broker.Primitives.Queues;

/// <summary>A consumer on a channel with prefetch 1: it gets one delivery at most before it is cancelled.</summary>
internal sealed class OneDelivery(IChannel channel) : AsyncDefaultBasicConsumer(channel)
{
    private readonly TaskCompletionSource _came = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the delivery.</summary>
    public Task Came => _came.Task;

    /// <summary>Completes when no delivery comes any more: callbacks come in the order of the broker's frames.</summary>
    public Task Ended => _ended.Task;

    public (ulong Tag, string Type, string? Id, bool Redelivered, byte[] Body)? Delivery { get; private set; }

    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        // The body is valid only here.
        Delivery = (deliveryTag, properties.Type ?? "", properties.MessageId, redelivered, body.ToArray());
        _came.TrySetResult();
        return Task.CompletedTask;
    }

    protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
    {
        _ended.TrySetResult();
        return base.OnCancelAsync(consumerTags, cancellationToken);
    }
}
