using MassTransit;
using MassTransit.RabbitMqTransport;

namespace Broker.Bus;

/// <summary>A message with a serialized body.</summary>
internal sealed record OutgoingMessage(byte[] Body, string Type, string RoutingKey, Guid MessageId, bool Mandatory);

/// <summary>Sets the AMQP properties of an <see cref="OutgoingMessage"/>.</summary>
internal sealed class OutgoingEnvelope : IPipe<SendContext<OutgoingMessage>>
{
    public static readonly OutgoingEnvelope Instance = new();

    public Task Send(SendContext<OutgoingMessage> context)
    {
        var message = context.Message;
        context.MessageId = message.MessageId;
        // Not used here; if empty, the bus would generate one for every message.
        context.ConversationId = message.MessageId;
        var transport = context.GetPayload<RabbitMqSendContext>();
        transport.RoutingKey = message.RoutingKey;
        // Without it RabbitMQ confirms an unroutable message.
        transport.Mandatory = message.Mandatory;
        transport.BasicProperties.Type = message.Type;
        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context)
    {
    }
}
