namespace Broker.Logging.Spool;

/// <summary>How many events found no room, by rank. Safe for concurrent use.</summary>
internal sealed class DropCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<EventRank>().Length];

    public void Add(EventRank rank, long events) => Interlocked.Add(ref _counts[(int)rank], events);

    /// <summary>The counts since this was last asked; null where they are all nought.</summary>
    public IReadOnlyDictionary<EventRank, long>? Take()
    {
        var counts = Enum.GetValues<EventRank>().ToDictionary(rank => rank, rank => Interlocked.Exchange(ref _counts[(int)rank], 0));
        return counts.Values.Any(count => count > 0) ? counts : null;
    }
}
