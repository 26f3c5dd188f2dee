namespace Broker.Logging.Spool;

/// <summary>The files that this process writes: one open per rank, in a folder made with the first. Belongs to the lock of <see cref="EventSpool"/>.</summary>
internal sealed class OwnSegments(string spoolBase, string owner, long segmentBytes) : IDisposable
{
    private readonly Dictionary<EventRank, Segment> _open = [];
    private SpoolShare? _share;

    /// <summary>The segment for the next records of a rank.</summary>
    /// <param name="isNew">Whether it was created; the one before is then closed.</param>
    public Segment For(EventRank rank, long bytes, out bool isNew)
    {
        isNew = false;
        if (_open.TryGetValue(rank, out var open))
        {
            if (open.Size == 0 || open.Size + bytes <= segmentBytes)
                return open;
            open.Close();
            _open.Remove(rank);
        }

        isNew = true;
        _share ??= CreateShare();
        return _open[rank] = _share.NewSegment(rank);
    }

    /// <summary>The segment is about to be deleted: nothing is appended to it any more.</summary>
    public void Forget(Segment segment)
    {
        if (_open.GetValueOrDefault(segment.Rank) == segment)
            _open.Remove(segment.Rank);
    }

    /// <summary>Closes a segment if it is open; the next records start another.</summary>
    public void Close(Segment segment)
    {
        if (_open.GetValueOrDefault(segment.Rank) != segment)
            return;
        segment.Close();
        _open.Remove(segment.Rank);
    }

    public void CloseAll()
    {
        foreach (var segment in _open.Values)
            segment.Close();
        _open.Clear();
    }

    /// <summary>Releases the folder.</summary>
    public void Dispose() => _share?.Dispose();

    private SpoolShare CreateShare()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return SpoolShare.Create(spoolBase, owner);
            }
            catch (IOException) when (attempt < 3)
            {
                // Another process may have taken the new folder over between the creation of the lock file and its locking.
            }
        }
    }
}
