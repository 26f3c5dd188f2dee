using System.Buffers;
using Broker.CommandLine;

namespace Broker.Producer.Cli.Output;

/// <summary>Buffers lines for stdout; written when the buffer is full, or on <see cref="Flush"/>.</summary>
internal sealed class LineBuffer(Stream output)
{
    public const int FlushAt = 64 * 1024;

    private bool _closed;

    /// <summary>The buffer, for writers that write bytes directly.</summary>
    public ArrayBufferWriter<byte> Bytes { get; } = new(FlushAt * 2);

    public void Write(ReadOnlySpan<byte> text) => Bytes.Write(text);

    /// <exception cref="OutputClosedException">Standard output cannot be written.</exception>
    public void EndLine()
    {
        Bytes.Write("\n"u8);
        if (Bytes.WrittenCount >= FlushAt)
            Flush();
    }

    /// <exception cref="OutputClosedException">Standard output cannot be written.</exception>
    public void Flush()
    {
        if (_closed)
            return;
        try
        {
            output.Write(Bytes.WrittenSpan);
            output.Flush();
        }
        catch (OutputClosedException)
        {
            _closed = true;
            throw;
        }

        Bytes.ResetWrittenCount();
    }
}
