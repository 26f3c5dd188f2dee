namespace Broker.Logging.Query.Files;

/// <summary>One file of log lines, and how far it has been read.</summary>
internal sealed class LogFile(string path)
{
    private long _position;

    public string Path => path;

    /// <summary>Lines that are no log documents, and are not the last one either.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Where the next <see cref="ReadOn"/> goes on.</summary>
    public long Position => _position;

    /// <summary>What has been written since the read before; at first, all.</summary>
    /// <param name="floor">Lines older than this are not wanted; asked for at every line.</param>
    public IEnumerable<FoundLine> ReadOn(LogQuery query, Func<DateTimeOffset>? floor, CancellationToken cancellationToken)
    {
        var needles = query.Needles;
        using var reader = LogFileReader.Open(path, _position);
        while (reader is not null && Next(reader, query, needles, floor, out var document))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _position = reader.LineEnd;
            if (document is not null)
                yield return new FoundLine(document, reader.LineStart);
        }
    }

    /// <summary>The lines that begin in a part of the file.</summary>
    public IEnumerable<LogDocument> Read(LogQuery query, long start, long end, CancellationToken cancellationToken)
    {
        var needles = query.Needles;
        using var reader = LogFileReader.Open(path, start);
        while (reader is not null && reader.LineEnd < end && Next(reader, query, needles, null, out var document))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (document is not null)
                yield return document;
        }
    }

    /// <summary>Reads a line; false at the end. <paramref name="document"/> is null where the line is not wanted.</summary>
    private bool Next(LogFileReader reader, LogQuery query, IReadOnlyList<byte[]> needles, Func<DateTimeOffset>? floor, out LogDocument? document)
    {
        document = null;
        if (!reader.TryRead(out var line))
            return false;
        if (reader.Complete && !MayMatch(line, query, needles, floor))
            return true;
        document = LogDocument.TryParse(line.TrimEnd((byte)'\r').ToArray());
        if (document is null)
        {
            // A line without an end that is no document is cut off: its other half comes, or its writer was killed.
            if (reader.Complete && reader.LineStart >= _position)
                Unreadable++;
            return reader.Complete;
        }

        if (!query.Matches(document) || document.Time < floor?.Invoke())
            document = null;
        return true;
    }

    private static bool MayMatch(ReadOnlySpan<byte> line, LogQuery query, IReadOnlyList<byte[]> needles, Func<DateTimeOffset>? floor)
    {
        if (line.IsEmpty)
            return false;
        foreach (var needle in needles)
        {
            if (line.IndexOf(needle) < 0)
                return false;
        }

        return LogDocument.PeekTime(line) is not { } time || (query.Spans(time) && !(time < floor?.Invoke()));
    }
}

/// <param name="Document">The line.</param>
/// <param name="Start">Where in its file it begins.</param>
internal readonly record struct FoundLine(LogDocument Document, long Start);
