namespace Broker.Logging.Spool;

/// <summary>How many events were dropped, by rank. Thread-safe.</summary>
internal sealed class DropCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<EventRank>().Length];

    public void Add(EventRank rank, long events) => Interlocked.Add(ref _counts[(int)rank], events);

    /// <summary>The counts since the last call; null if all are zero.</summary>
    public IReadOnlyDictionary<EventRank, long>? Take()
    {
        var counts = Enum.GetValues<EventRank>().ToDictionary(rank => rank, rank => Interlocked.Exchange(ref _counts[(int)rank], 0));
        return counts.Values.Any(count => count > 0) ? counts : null;
    }
}
