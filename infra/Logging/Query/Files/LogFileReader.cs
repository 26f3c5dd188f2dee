namespace Broker.Logging.Query.Files;

/// <summary>Reads a file line by line while others write to it, and knows where each line lies.</summary>
internal sealed class LogFileReader : IDisposable
{
    private readonly FileStream _file;

    private byte[] _buffer = new byte[32 * 1024];
    private int _from;
    private int _to;

    private LogFileReader(FileStream file)
    {
        _file = file;
        LineEnd = file.Position;
    }

    /// <summary>Where the line begins that was read last.</summary>
    public long LineStart { get; private set; }

    /// <summary>Where the next one begins.</summary>
    public long LineEnd { get; private set; }

    /// <summary>Whether the line had its end. The last one of a file may still be being written, or never be.</summary>
    public bool Complete { get; private set; }

    /// <summary>Null where the file is gone, as old ones go at any time.</summary>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static LogFileReader? Open(string path, long start)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            file.Position = start;
            return new LogFileReader(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <param name="line">Without its end; valid until the next is asked for.</param>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        var searched = _from;
        int length;
        while ((length = _buffer.AsSpan(searched, _to - searched).IndexOf((byte)'\n')) < 0)
        {
            searched = _to - _from;
            var more = Fill();
            searched += _from;
            if (!more)
                return TakeRest(out line);
        }

        length += searched - _from;
        line = _buffer.AsSpan(_from, length);
        Advance(length + 1, complete: true);
        return true;
    }

    public void Dispose() => _file.Dispose();

    private bool TakeRest(out ReadOnlySpan<byte> line)
    {
        line = _buffer.AsSpan(_from, _to - _from);
        Advance(line.Length, complete: false);
        return !line.IsEmpty;
    }

    private void Advance(int length, bool complete)
    {
        LineStart = LineEnd;
        LineEnd += length;
        _from += length;
        Complete = complete;
    }

    private bool Fill()
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }
        else if (_to == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = _file.Read(_buffer, _to, _buffer.Length - _to);
        _to += read;
        return read > 0;
    }
}
