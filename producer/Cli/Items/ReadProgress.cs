namespace Broker.Producer.Cli.Items;

/// <summary>Estimates how many items some files have from the share of their bytes that has been read. Written by the reader, read by the bar.</summary>
/// <param name="lengths">Each file's bytes; null where that is not known, and then nothing is estimated.</param>
internal sealed class ReadProgress(IEnumerable<long?> lengths)
{
    private readonly long? _total = lengths.Aggregate((long?)0, (sum, length) => sum + length);
    private long _bytes;
    private long _items;

    /// <summary>As a whole number of items; null before the first, and where there is no knowing.</summary>
    public long? Items => _total > 0 && Interlocked.Read(ref _bytes) is > 0 and var bytes
        ? (long)Math.Max(Interlocked.Read(ref _items), Interlocked.Read(ref _items) * ((double)_total.Value / bytes))
        : null;

    public void Add(long bytes, int items)
    {
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Add(ref _items, items);
    }
}
