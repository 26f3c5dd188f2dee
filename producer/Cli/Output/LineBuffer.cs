using System.Buffers;
using Broker.Contracts;

namespace Broker.Producer.Cli.Output;

/// <summary>Buffers lines for stdout; written when the buffer is full, or on <see cref="Flush"/>.</summary>
internal sealed class LineBuffer(Stream output)
{
    private const int FlushAt = 64 * 1024;

    private bool _closed;

    /// <summary>The buffer, for writers that write bytes directly.</summary>
    public ArrayBufferWriter<byte> Bytes { get; } = new(FlushAt * 2);

    public void Write(ReadOnlySpan<byte> text) => Bytes.Write(text);

    /// <exception cref="OutputClosedException">The reader has closed standard output.</exception>
    public void EndLine()
    {
        Bytes.Write("\n"u8);
        if (Bytes.WrittenCount >= FlushAt)
            Flush();
    }

    /// <exception cref="OutputClosedException">The reader has closed standard output.</exception>
    public void Flush()
    {
        if (_closed)
            return;
        try
        {
            output.Write(Bytes.WrittenSpan);
            output.Flush();
        }
        catch (IOException e)
        {
            _closed = true;
            throw new OutputClosedException(e);
        }

        Bytes.ResetWrittenCount();
    }
}

#pragma warning disable CA1032, CA1064 // Raised and caught within this program.
/// <summary>The reader of standard output has closed it, as <c>head</c> does.</summary>
internal sealed class OutputClosedException(IOException inner) : BrokerException(
    inner.Message.Contains("Broken pipe", StringComparison.Ordinal) ? "standard output was closed" : $"standard output cannot be written ({inner.Message})", inner);
#pragma warning restore CA1032, CA1064
