namespace Broker.Logging.Query.Files;

/// <summary>One log file and its read position.</summary>
internal sealed class LogFile(string path)
{
    private long _position;

    public string Path => path;

    /// <summary>Number of lines that are not log documents, not counting an incomplete last one.</summary>
    public int Unreadable { get; private set; }

    /// <summary>Where the next <see cref="ReadOn"/> starts.</summary>
    public long Position => _position;

    /// <summary>The lines written since the previous read; all of them at first.</summary>
    /// <param name="floor">Older lines are skipped; evaluated for every line.</param>
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

    /// <summary>The lines that start in a part of the file.</summary>
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

    /// <summary>Reads a line; false at the end. <paramref name="document"/> is null if the line does not match.</summary>
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
            // An invalid line without a line end is incomplete: the rest will follow, or its writer was killed.
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
/// <param name="Start">Its offset in the file.</param>
internal readonly record struct FoundLine(LogDocument Document, long Start);
