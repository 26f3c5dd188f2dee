using Broker.Topology;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Broker.Bus;

/// <summary>An unacknowledged delivery. It is acknowledged when its handler returns, and requeued when the handler throws.</summary>
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

    /// <summary>One of <see cref="MessageTypes"/>; empty if the sender set none.</summary>
    public string Type => _properties.Type ?? "";

    /// <summary>Cancelled when the connection of this delivery is lost: it can no longer be acknowledged.</summary>
    public CancellationToken ConnectionLost { get; }

    /// <summary>How many times the message was redelivered: 0 on the first delivery.</summary>
    public long Redeliveries => Count(Names.DeliveryCountHeader);

    private long Count(string header) =>
        _properties.Headers is { } headers && headers.TryGetValue(header, out var value) && value is IConvertible number
            ? Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture)
            : 0;
}
