namespace Broker.Logging.Query.Files;

/// <summary>Reads a file line by line while others write to it, with the offset of each line.</summary>
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

    /// <summary>The offset of the last line read.</summary>
    public long LineStart { get; private set; }

    /// <summary>The offset of the next line.</summary>
    public long LineEnd { get; private set; }

    /// <summary>Whether the line had a line end. The last line of a file may be incomplete.</summary>
    public bool Complete { get; private set; }

    /// <summary>Null if the file does not exist: old files are deleted at any time.</summary>
    /// <exception cref="UnauthorizedAccessException">No permission to read it.</exception>
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

    /// <param name="line">Without its line end; valid until the next call.</param>
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
