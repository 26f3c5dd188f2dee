using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Broker.Bus;
using Broker.Contracts;

namespace Broker.Producer.Cli.Items;

/// <summary>Reads items, one per line, in constant memory: a file may be larger than memory, and a pipe may never end.</summary>
internal static class LineReader
{
    private const int ReadAhead = 256 * 1024;

    /// <summary>The lines as JSON items, each valid until the next call. Empty lines are skipped.</summary>
    /// <param name="stream">Closed at the end.</param>
    /// <param name="name">The stream's name in errors.</param>
    /// <param name="progress">Is told what has been read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="MessageTooLargeException">A line exceeds the maximum message size.</exception>
    /// <exception cref="InvalidConfigurationException">A line is not UTF-8, or JSON that is nested too deep.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        Stream stream, string name, ReadProgress? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var pipe = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: ReadAhead, minimumReadSize: 4096));
        long line = 0;
        var reading = Task.FromResult<ReadResult>(default);
        try
        {
            while (true)
            {
                // A read of standard input cannot be cancelled; on cancellation it is abandoned.
                reading = pipe.ReadAsync(CancellationToken.None).AsTask();
                var read = await reading.WaitAsync(cancellationToken);
                var buffer = read.Buffer;
                while (TryTakeLine(ref buffer, read.IsCompleted, out var text))
                {
                    var bytes = text.Length + 1;
                    if (line++ == 0)
                        text = WithoutByteOrderMark(text);
                    var item = ToItem(text, name, line);
                    progress?.Add(bytes, item.IsEmpty ? 0 : 1);
                    if (!item.IsEmpty)
                        yield return item;
                }

                if (read.IsCompleted)
                    yield break;
                if (buffer.Length > MessageSender.MaxBodyBytes)
                    throw new MessageTooLargeException($"{name}: line {line + 1} is longer than the {MessageSender.MaxBodyBytes / 1048576} MiB that a message may have: split it, or send a reference to where its data is stored");
                pipe.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            if (reading.IsCompleted)
                await pipe.CompleteAsync();
        }
    }

    // Some editors write one at the start of a file; it is not part of the item.
    private static ReadOnlySequence<byte> WithoutByteOrderMark(ReadOnlySequence<byte> line)
    {
        var mark = Encoding.UTF8.Preamble;
        return line.Length >= mark.Length && line.Slice(0, mark.Length).ToArray().AsSpan().SequenceEqual(mark) ? line.Slice(mark.Length) : line;
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> buffer, bool atEnd, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        line = default;
        if (!atEnd || buffer.IsEmpty)
            return false;
        line = buffer;
        buffer = buffer.Slice(buffer.End);
        return true;
    }

    private static ReadOnlyMemory<byte> ToItem(ReadOnlySequence<byte> line, string name, long number)
    {
        var text = line.IsSingleSegment ? line.First : line.ToArray();
        if (text.Length > 0 && text.Span[^1] == '\r')
            text = text[..^1];
        try
        {
            return text.IsEmpty ? default : ItemText.ToJson(text);
        }
        catch (InvalidConfigurationException e)
        {
            throw new InvalidConfigurationException($"{name}: line {number}: {e.Message}", e);
        }
    }
}
