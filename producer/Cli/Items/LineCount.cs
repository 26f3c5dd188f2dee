namespace Broker.Producer.Cli.Items;

/// <summary>Counts the items of files without a look at them.</summary>
internal static class LineCount
{
    private const int BufferBytes = 256 * 1024;

    /// <summary>How many lines with an item the files have; null where one is a pipe, which can be read only once.</summary>
    public static async Task<long?> OfAsync(IEnumerable<string> files, CancellationToken cancellationToken)
    {
        long lines = 0;
        foreach (var file in files)
        {
            if (ItemFile.LengthOf(file) is null)
                return null;
            await using var stream = await ItemFile.OpenAsync(file, cancellationToken);
            lines += await OfAsync(stream, cancellationToken);
        }

        return lines;
    }

    private static async Task<long> OfAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        var (lines, isItem) = (0L, false);
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            (lines, isItem) = Count(buffer.AsSpan(0, read), lines, isItem);
        return isItem ? lines + 1 : lines;
    }

    /// <param name="text">The next part.</param>
    /// <param name="lines">How many lines ended before it.</param>
    /// <param name="isItem">Whether the line that it goes on with has an item.</param>
    private static (long Lines, bool IsItem) Count(ReadOnlySpan<byte> text, long lines, bool isItem)
    {
        while (text.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (isItem || text[..end].ContainsAnyExcept((byte)'\r'))
                lines++;
            isItem = false;
            text = text[(end + 1)..];
        }

        return (lines, isItem || text.ContainsAnyExcept((byte)'\r'));
    }
}
