namespace Broker.Bus;

/// <summary>Several JSON bodies in one message, as a JSON text sequence (RFC 7464): no JSON holds its separator.</summary>
internal static class BodySequence
{
    private const byte Separator = 0x1E;

    /// <summary>The size of a sequence of one more body.</summary>
    public static int SizeOf(byte[] body) => body.Length + 2;

    public static byte[] Join(IReadOnlyList<byte[]> bodies)
    {
        var sequence = new byte[bodies.Sum(SizeOf)];
        var end = 0;
        foreach (var body in bodies)
        {
            sequence[end++] = Separator;
            body.CopyTo(sequence, end);
            end += body.Length;
            sequence[end++] = (byte)'\n';
        }

        return sequence;
    }

    public static IEnumerable<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> sequence)
    {
        while (sequence.Span.IndexOf(Separator) is >= 0 and var start)
        {
            sequence = sequence[(start + 1)..];
            var next = sequence.Span.IndexOf(Separator);
            yield return next < 0 ? sequence : sequence[..next];
        }
    }
}
