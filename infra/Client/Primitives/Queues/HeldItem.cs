using System.Globalization;
using Broker.Connection;

namespace Broker.Primitives.Queues;

/// <summary>A delivered item, unacknowledged: its queue delivers it again if the channel ends.</summary>
internal sealed class HeldItem(QueueTransport transport, QueueChannel channel, ulong tag, string type, string? id, bool redelivered, ReadOnlyMemory<byte> body)
{
    /// <summary>The type of the message of an item that is not counted.</summary>
    public const string Plain = "item";

    /// <summary>Of one that has a slot.</summary>
    public const string Counted = "counted";

    /// <summary>Of one that is unfinished until it is done.</summary>
    public const string Joinable = "joinable";

    public ReadOnlyMemory<byte> Body => body;

    public string Type => type;

    /// <summary>That of its reservation, where it is counted.</summary>
    public long? Number => type is Counted or Joinable && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public bool Redelivered => redelivered;

    public CancellationToken Lost => channel.Lost;

    /// <summary>Removes it from its queue. The broker does not confirm that: an item whose acknowledgement is lost with the connection is delivered again.</summary>
    /// <exception cref="BrokerUnavailableException">The connection was lost: it is delivered again.</exception>
    public async Task CompleteAsync()
    {
        try
        {
            await channel.AskAsync(open => open.BasicAckAsync(tag, multiple: false, CancellationToken.None).AsTask(), CancellationToken.None);
        }
        catch (BrokerUnavailableException e)
        {
            await channel.DisposeAsync();
            throw new BrokerUnavailableException("the connection was lost before the item was acknowledged: it is delivered again", e);
        }

        await transport.ReturnAsync(channel);
    }

    /// <summary>Returns it to its queue, for the next who takes one. Does not throw: the end of the channel returns it too.</summary>
    public async ValueTask ReturnAsync()
    {
        try
        {
            await channel.AskAsync(open => open.BasicNackAsync(tag, multiple: false, requeue: true, CancellationToken.None).AsTask(), CancellationToken.None);
        }
        catch (BrokerUnavailableException)
        {
            await channel.DisposeAsync();
            return;
        }

        await transport.ReturnAsync(channel);
    }
}
