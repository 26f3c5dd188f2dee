using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace Broker.Bus;

/// <summary>
/// Bodies are JSON, written and read here without the bus's envelope: any AMQP client can take part, and a job costs one
/// pass over its bytes.
/// </summary>
internal sealed class BodySerializer : ISerializerFactory, IMessageSerializer
{
    private static readonly ContentType Json = new("application/json");

    public ContentType ContentType => Json;

    public IMessageSerializer CreateSerializer() => this;

    // Never used: deliveries are handled before the bus reads their bodies.
    public IMessageDeserializer CreateDeserializer() => new SystemTextJsonRawMessageSerializer();

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class => context.Message is OutgoingMessage message
            ? new BytesMessageBody(message.Body)
            : throw new NotSupportedException($"only {nameof(OutgoingMessage)} is sent, not {typeof(T)}");
}
