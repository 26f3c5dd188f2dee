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
        Type = _properties.Type ?? "";
        Body = context.Body.GetBytes();
        ConnectionLost = context.CancellationToken;
    }

    /// <summary>A message that its holder took from a queue and acknowledges itself.</summary>
    internal Delivery(BasicGetResult message, CancellationToken connectionLost)
    {
        _properties = message.BasicProperties;
        Type = _properties.Type ?? "";
        Body = message.Body.ToArray();
        ConnectionLost = connectionLost;
        IsAlone = true;
    }

    private Delivery(Delivery whole, string type, ReadOnlyMemory<byte> body)
    {
        _properties = whole._properties;
        Body = body;
        Type = type;
        ConnectionLost = whole.ConnectionLost;
    }

    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>One of <see cref="MessageTypes"/>; empty if the sender set none.</summary>
    public string Type { get; }

    /// <summary>Cancelled when the connection of this delivery is lost: it can no longer be acknowledged.</summary>
    public CancellationToken ConnectionLost { get; }

    /// <summary>Whether it was taken while nothing else ran in this process, and nothing else runs until it is handled.</summary>
    public bool IsAlone { get; }

    /// <summary>How many times the message was redelivered: 0 on the first delivery.</summary>
    public long Redeliveries => Count(Names.DeliveryCountHeader);

    /// <summary>The messages that travelled together in this one; mostly it is the only one.</summary>
    public IEnumerable<Delivery> Parts() => Type == MessageTypes.JobsCompleted
        ? BodySequence.Split(Body).Select(body => new Delivery(this, MessageTypes.JobCompleted, body))
        : [this];

    private long Count(string header) =>
        _properties.Headers is { } headers && headers.TryGetValue(header, out var value) && value is IConvertible number
            ? Convert.ToInt64(number, System.Globalization.CultureInfo.InvariantCulture)
            : 0;
}
