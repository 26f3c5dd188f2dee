using MassTransit;
using MassTransit.RabbitMqTransport;

namespace Broker.Bus;

/// <summary>A message ready for the wire: its body is written already, so the bus does not look inside.</summary>
internal sealed record OutgoingMessage(byte[] Body, string Type, string RoutingKey, Guid MessageId, bool Mandatory);

/// <summary>Puts an <see cref="OutgoingMessage"/>'s envelope where RabbitMQ reads it.</summary>
internal sealed class OutgoingEnvelope : IPipe<SendContext<OutgoingMessage>>
{
    public static readonly OutgoingEnvelope Instance = new();

    public Task Send(SendContext<OutgoingMessage> context)
    {
        var message = context.Message;
        context.MessageId = message.MessageId;
        // Nothing here reads it; left empty, the bus would draw a new one for every message.
        context.ConversationId = message.MessageId;
        var transport = context.GetPayload<RabbitMqSendContext>();
        transport.RoutingKey = message.RoutingKey;
        // Without it RabbitMQ confirms a message that no queue takes.
        transport.Mandatory = message.Mandatory;
        transport.BasicProperties.Type = message.Type;
        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context)
    {
    }
}
