using RabbitMQ.Client;

namespace Broker.Primitives.Queues;

/// <summary>Hands on the messages of one end of a pipe, one at a time.</summary>
/// <param name="channel">Its channel.</param>
/// <param name="takeAsync">Takes a message.</param>
/// <param name="ended">Called when no more come: the queue or the channel is gone.</param>
internal sealed class PipeConsumer(IChannel channel, Func<PipeMessage, Task> takeAsync, Action ended) : AsyncDefaultBasicConsumer(channel)
{
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
        // The body is valid only here.
        takeAsync(new PipeMessage(properties.Type ?? "", properties.CorrelationId ?? "", deliveryTag, body.ToArray()));

    protected override Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
    {
        ended();
        return base.OnCancelAsync(consumerTags, cancellationToken);
    }
}
