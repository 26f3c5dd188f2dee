namespace Broker.Logging.Spool;

/// <summary>The folders of dead processes that this one has taken over, each until all of its files are deleted. All but <see cref="Offer"/> is guarded by <see cref="EventSpool"/>'s lock.</summary>
internal sealed class TakenOverShares(string spoolBase, long maxBytes, DropCounts dropped)
{
    /// <summary>Maximum folders taken over at a time: each holds a file open.</summary>
    private const int MaxTakenOver = 64;

    /// <summary>
    /// Maximum data of dead processes that stays on disk for later, in full spools: a process that crashes repeatedly while the
    /// server is unavailable must not fill the disk.
    /// </summary>
    private const int MaxAbandonedSpools = 8;

    /// <summary>Each folder takes some kilobytes of disk, however little it contains.</summary>
    private const int MaxAbandonedFolders = 5000;

    private readonly List<(SpoolShare Share, List<Segment> Segments)> _held = [];

    public int Count => _held.Count;

    public bool IsFull => _held.Count == MaxTakenOver;

    public void Hold(SpoolShare share, List<Segment> segments) => _held.Add((share, segments));

    /// <summary>
    /// Finds folders of dead processes and offers each. What is not taken stays, within limits. Runs without the lock: there may be
    /// many, and appending must not wait for that.
    /// </summary>
    /// <param name="tryTake">Takes a folder with its files and their size, by <see cref="Hold"/>, or returns false.</param>
    public void Offer(Func<SpoolShare, List<Segment>, long, bool> tryTake)
    {
        var (left, folders) = (0L, 0);
        foreach (var share in SpoolShare.TakeOver(spoolBase))
        {
            var found = share.Segments().ToList();
            var bytes = found.Sum(segment => segment.Size);
            if (tryTake(share, found, bytes))
                continue;
            left += bytes;
            if (left > maxBytes * MaxAbandonedSpools || ++folders > MaxAbandonedFolders)
                Discard(found);
            share.Dispose();
        }
    }

    /// <summary>Releases the folders that have no files left.</summary>
    /// <param name="kept">The files that remain.</param>
    public void ReleaseEmptied(List<Segment> kept)
    {
        foreach (var emptied in _held.Where(entry => !entry.Segments.Exists(kept.Contains)).ToList())
        {
            emptied.Share.Dispose();
            _held.Remove(emptied);
        }
    }

    /// <summary>Releases all folders.</summary>
    public void Release()
    {
        foreach (var (share, _) in _held)
            share.Dispose();
        _held.Clear();
    }

    private void Discard(List<Segment> found)
    {
        foreach (var segment in found)
            dropped.Add(segment.Rank, segment.Delete());
    }
}
