namespace Broker.Logging.Query;

/// <summary>
/// The order of log lines: by time, then process, then sequence number. The text decides between lines without a sequence number,
/// so that every source returns the same order.
/// </summary>
internal sealed class LogOrder : IComparer<LogDocument>
{
    public static readonly LogOrder Instance = new();

    public int Compare(LogDocument? x, LogDocument? y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var order = x.Time.CompareTo(y.Time);
        if (order == 0)
            order = string.CompareOrdinal(x.ProcessEntity, y.ProcessEntity);
        if (order == 0)
            order = x.Sequence.CompareTo(y.Sequence);
        return order == 0 ? x.Json.Span.SequenceCompareTo(y.Json.Span) : order;
    }
}
