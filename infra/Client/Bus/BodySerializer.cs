using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace Broker.Bus;

/// <summary>
/// Bodies are JSON, written and read without the bus's envelope: any AMQP client can take part, and a job costs one
/// pass over its bytes.
/// </summary>
internal sealed class BodySerializer : ISerializerFactory, IMessageSerializer
{
    private static readonly ContentType Json = new("application/json");

    public ContentType ContentType => Json;

    public IMessageSerializer CreateSerializer() => this;

    // Never used: deliveries are handled before the bus reads their bodies, and sends do not pass its pipeline.
    public IMessageDeserializer CreateDeserializer() => new SystemTextJsonRawMessageSerializer();

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class => throw new NotSupportedException("messages are sent as bodies that are serialized already");
}
