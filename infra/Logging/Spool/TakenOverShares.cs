namespace Broker.Logging.Spool;

/// <summary>The folders of dead processes that this one has taken over, each until all of its files are gone. All but <see cref="Offer"/> belongs to <see cref="EventSpool"/>'s lock.</summary>
internal sealed class TakenOverShares(string spoolBase, long mostBytes, DropCounts dropped)
{
    /// <summary>Folders taken over at a time: each is a file held open.</summary>
    private const int MostTakenOver = 64;

    /// <summary>
    /// What dead processes left and does not fit us stays for later, as much as so many full spools; a process that dies again and again while the
    /// server is away must not fill the disk.
    /// </summary>
    private const int SpoolsLeft = 8;

    /// <summary>Each takes some kilobytes of the disk, however little is in it.</summary>
    private const int FoldersLeft = 5000;

    private readonly List<(SpoolShare Share, List<Segment> Segments)> _held = [];

    public int Count => _held.Count;

    public bool IsFull => _held.Count == MostTakenOver;

    public void Hold(SpoolShare share, List<Segment> segments) => _held.Add((share, segments));

    /// <summary>
    /// Looks for folders whose processes have ended and offers each. What is not taken stays, within limits. Needs no lock: there may be
    /// many, and whoever appends must not wait for that.
    /// </summary>
    /// <param name="tryTake">Takes a folder, its files and their bytes by <see cref="Hold"/>, or says that it does not.</param>
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
            if (left > mostBytes * SpoolsLeft || ++folders > FoldersLeft)
                Discard(found);
            share.Dispose();
        }
    }

    /// <summary>Lets go of the folders of which nothing is left.</summary>
    /// <param name="kept">The files that are left.</param>
    public void ReleaseEmptied(List<Segment> kept)
    {
        foreach (var emptied in _held.Where(entry => !entry.Segments.Exists(kept.Contains)).ToList())
        {
            emptied.Share.Dispose();
            _held.Remove(emptied);
        }
    }

    /// <summary>Lets go of all.</summary>
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
