using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Primitives.Tokens;

/// <summary>A permit as a message: delivered and not acknowledged, it is held.</summary>
/// <param name="Epoch">Of its seeding; tokens of other epochs than the current one are void.</param>
/// <param name="Permit">Its number among the permits of its name, from 0.</param>
/// <param name="Count">How often the queue has delivered it before: counted by the queue itself, with the delivery.</param>
/// <param name="Tag">Of this delivery.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Token(long Epoch, int Permit, long Count, ulong Tag)
{
    /// <summary>Larger with each delivery of this permit. A count past 32 bits carries into the epoch, which seconds of the clock have long made larger by then.</summary>
    public long Fence => (Epoch << 32) + Count;

    public static byte[] Body(long epoch, int permit) => Encoding.ASCII.GetBytes($"{epoch} {permit}");

    /// <summary>Reads a delivery; what is no token of ours is one of epoch 0, which is obsolete everywhere.</summary>
    public static Token Of(ReadOnlySpan<byte> body, IReadOnlyBasicProperties properties, ulong tag)
    {
        var space = body.IndexOf((byte)' ');
        return space > 0 && Utf8Parser.TryParse(body[..space], out long epoch, out var digits) && digits == space && epoch <= int.MaxValue
            && Utf8Parser.TryParse(body[(space + 1)..], out int permit, out digits) && digits == body.Length - space - 1
            ? new Token(epoch, permit, CountOf(properties), tag)
            : new Token(0, 0, 0, tag);
    }

    private static long CountOf(IReadOnlyBasicProperties properties) => Header(properties, Names.AcquiredCountHeader) ?? Header(properties, Names.DeliveryCountHeader) ?? 0;

    private static long? Header(IReadOnlyBasicProperties properties, string name) =>
        properties.Headers is { } headers && headers.TryGetValue(name, out var value) && value is IConvertible number ? number.ToInt64(null) : null;
}
