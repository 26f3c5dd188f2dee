namespace Broker.Pool;

/// <summary>Indices that have no outcome, ascending, as runs; forgotten when the reader is behind them.</summary>
internal sealed class SkippedRuns
{
    private readonly Queue<(long First, long End)> _runs = [];
    private (long First, long End)? _last;

    /// <summary>How many were added in all.</summary>
    public long Count { get; private set; }

    /// <param name="index">Lies behind all that were added before.</param>
    public void Add(long index)
    {
        Count++;
        if (_last is { } last && last.End == index)
        {
            _last = (last.First, index + 1);
            return;
        }

        if (_last is { } complete)
            _runs.Enqueue(complete);
        _last = (index, index + 1);
    }

    /// <summary>The first index from <paramref name="index"/> on that is not in a run; those before it are not asked for again.</summary>
    public long Behind(long index)
    {
        while (_runs.TryPeek(out var run) && run.First <= index)
        {
            index = Math.Max(index, run.End);
            _runs.Dequeue();
        }

        if (_last is { } last && last.First <= index)
        {
            index = Math.Max(index, last.End);
            _last = null;
        }

        return index;
    }
}
