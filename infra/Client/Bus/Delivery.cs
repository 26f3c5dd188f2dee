using Broker.Topology;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Broker.Bus;

/// <summary>One message handed to us and not yet acknowledged. When its handler returns it is acknowledged; when it throws, it is returned to the queue.</summary>
internal sealed class Delivery
{
    private readonly IReadOnlyBasicProperties _properties;

    internal Delivery(ReceiveContext context)
    {
        _properties = context.GetPayload<RabbitMqBasicConsumeContext>().Properties;
        Body = context.Body.GetBytes();
        ConnectionLost = context.CancellationToken;
    }

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>One of <see cref="MessageTypes"/>; empty where the sender gave none.</summary>
    public string Type => _properties.Type ?? "";

    /// <summary>Cancelled when the connection that delivered the message is gone, so that an acknowledgement can no longer arrive.</summary>
    public CancellationToken ConnectionLost { get; }

    /// <summary>How often the broker handed the message out before: 0 on the first delivery.</summary>
    public long EarlierDeliveries => Count(Names.DeliveryCountHeader);

    private long Count(string header) =>
        _properties.Headers is { } headers && headers.TryGetValue(header, out var value) && value is IConvertible number
            ? Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture)
            : 0;
}
