using Broker.CommandLine;
using Microsoft.Win32.SafeHandles;

namespace Broker.Producer.Cli.Output;

/// <summary>
/// Standard output that raises <see cref="OutputClosedException"/> when it cannot be written; the Console's stream ignores that its reader has closed it.
/// A file has no reader, and there the Console's stream is needed: a second stream has its own position, and later output would overwrite this one's.
/// </summary>
internal sealed class StandardOutput : Stream
{
    private readonly Stream _stream;

    private StandardOutput(Stream stream) => _stream = stream;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static Stream Open()
    {
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return new StandardOutput(stream.CanSeek ? Console.OpenStandardOutput() : stream);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _stream.Write(buffer);
        }
        catch (IOException e)
        {
            throw new OutputClosedException(e);
        }
    }

    public override void Flush() => _stream.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
