using System.Text;
using RabbitMQ.Client;

namespace Broker.Connection;

/// <summary>What a broker says of itself when one connects.</summary>
/// <param name="Text">For people: <c>RabbitMQ 3.10.8</c>.</param>
/// <param name="Version">Its numbers; null where it does not tell, or in a way that is not known.</param>
internal sealed record BrokerServer(string Text, Version? Version)
{
    private static readonly Version FirstWithPriorities = new(4, 0);

    private static readonly Version FirstWithDeliveryLimits = new(3, 12);

    /// <summary>Whether its quorum queues deliver by priority. One that does not tell what it is counts as new.</summary>
    public bool HasPriorities => Version is null || Version >= FirstWithPriorities;

    /// <summary>Whether a queue says how long a delivery may be unacknowledged; before, one limit holds for all.</summary>
    public bool HasDeliveryLimits => Version is null || Version >= FirstWithDeliveryLimits;

    public static BrokerServer Of(IConnection connection)
    {
        var version = Property(connection, "version");
        var numbers = string.Concat((version ?? "").TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.')).TrimEnd('.');
        return new BrokerServer($"{Property(connection, "product") ?? "a broker"} {version ?? "of unknown version"}", Version.TryParse(numbers, out var parsed) ? parsed : null);
    }

    private static string? Property(IConnection connection, string name) =>
        connection.ServerProperties is { } properties && properties.TryGetValue(name, out var value) && value is byte[] text ? Encoding.UTF8.GetString(text) : null;
}
