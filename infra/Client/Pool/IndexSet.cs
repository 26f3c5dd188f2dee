namespace Broker.Pool;

/// <summary>A set of item indices, kept as sorted runs: its size is the number of gaps, not of indices.</summary>
internal sealed class IndexSet
{
    /// <summary>Disjoint, not adjacent, ascending; the end is exclusive.</summary>
    private readonly List<(long First, long End)> _runs = [];

    /// <summary>How many indices it holds.</summary>
    public long Count { get; private set; }

    public int Runs => _runs.Count;

    /// <summary>The first index that is not in it.</summary>
    public long Prefix => _runs is [(0, var end), ..] ? end : 0;

    public bool Contains(long index)
    {
        // The first run that ends behind it.
        var at = FirstEndingAtOrAfter(index + 1);
        return at < _runs.Count && _runs[at].First <= index;
    }

    /// <summary>Adds <paramref name="count"/> indices from <paramref name="first"/> on; yields the runs of them that were not in the set before.</summary>
    public IReadOnlyList<(long First, int Count)> Add(long first, int count)
    {
        if (count <= 0)
            return [];
        var end = first + count;
        // The first run that touches or overlaps what is added, and the first behind that does not.
        var from = FirstEndingAtOrAfter(first);
        var to = from;
        var added = new List<(long First, int Count)>(1);
        var next = first;
        for (; to < _runs.Count && _runs[to].First <= end; to++)
        {
            if (_runs[to].First > next)
                added.Add((next, (int)(_runs[to].First - next)));
            next = Math.Max(next, _runs[to].End);
        }

        if (next < end)
            added.Add((next, (int)(end - next)));
        if (added.Count == 0)
            return added;
        Merge(from, to, first, end);
        foreach (var run in added)
            Count += run.Count;
        return added;
    }

    private void Merge(int from, int to, long first, long end)
    {
        if (from == to)
        {
            _runs.Insert(from, (first, end));
            return;
        }

        _runs[from] = (Math.Min(first, _runs[from].First), Math.Max(end, _runs[to - 1].End));
        _runs.RemoveRange(from + 1, to - from - 1);
    }

    private int FirstEndingAtOrAfter(long index)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].End < index)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
