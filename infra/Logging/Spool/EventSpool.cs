namespace Broker.Logging.Spool;

/// <summary>
/// The unsent events of this process on disk, and those of dead processes that it took over. One thread appends, one
/// reads. Never exceeds its maximum size: the lowest rank is dropped first, within a rank the oldest.
/// </summary>
internal sealed class EventSpool(string spoolBase, string owner, long segmentBytes, long maxBytes, DropCounts dropped) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Segment> _segments = [];
    private readonly TakenOverShares _takenOver = new(spoolBase, maxBytes, dropped);
    private readonly OwnSegments _own = new(spoolBase, owner, segmentBytes);
    private readonly SemaphoreSlim _appended = new(0, 1);
    private long _bytes;
    private long _ownPending;
    private bool _disposed;

    /// <summary>The folder of all processes' spools.</summary>
    public string Folder => Path.GetDirectoryName(spoolBase)!;

    /// <summary>Unsent events of this process.</summary>
    public long OwnPending => Interlocked.Read(ref _ownPending);

    /// <summary>Adds records of one rank. Afterwards a crash of the process does not lose them; a crash of the machine can, for some seconds.</summary>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Append(EventRank rank, ReadOnlySpan<byte> records, int count)
    {
        lock (_lock)
        {
            if (!MakeRoom(rank, records.Length))
            {
                dropped.Add(rank, count);
                return;
            }

            var segment = _own.For(rank, records.Length, out var isNew);
            if (isNew)
            {
                RemoveDone();
                _segments.Add(segment);
            }

            segment.Append(records, count);
            _bytes += records.Length;
            Interlocked.Add(ref _ownPending, count);
        }

        Signal();
    }

    /// <summary>Waits for an append since the last wait; false on timeout.</summary>
    public Task<bool> AppendedAsync(TimeSpan timeout, CancellationToken cancellationToken) => _appended.WaitAsync(timeout, cancellationToken);

    /// <summary>Fills <paramref name="batch"/> with the next records to send: the highest rank first, within a rank the oldest.</summary>
    /// <returns>Whether there are any.</returns>
    public bool Read(EventBatch batch)
    {
        do
        {
            batch.Clear();
            foreach (var rank in EventRanks.HighestFirst)
            {
                while (!batch.IsFull && Next(rank) is { } next)
                    Fill(batch, next.Segment, next.Unread);
            }

            if (batch.Count > 0)
                return true;
            // Only corrupt records, if any.
            Done(batch);
        }
        while (batch.Parts.Count > 0);
        return false;
    }

    /// <summary>Marks the batch of the last <see cref="Read"/> as sent. Deletes files that are sent completely.</summary>
    public void Done(EventBatch batch)
    {
        lock (_lock)
        {
            foreach (var (segment, to, records) in batch.Parts)
            {
                if (!_segments.Contains(segment))
                    continue;
                if (segment.IsOwn)
                    Interlocked.Add(ref _ownPending, -records);
                segment.ShippedTo = to;
                segment.ShippedRecords += records;
            }

            RemoveDone();
        }
    }

    /// <summary>The batch of the last <see cref="Read"/> was not sent; it will be read again.</summary>
    public void Undo(EventBatch batch)
    {
        lock (_lock)
        {
            foreach (var (segment, _, _) in batch.Parts)
                segment.ReadTo = segment.ShippedTo;
            RemoveDone();
        }
    }

    /// <summary>Takes over folders of dead processes, up to a limit. Returns how many.</summary>
    public int TakeOver()
    {
        if (_takenOver.Count > 0)
            return 0;
        _takenOver.Offer(TryTake);
        lock (_lock)
        {
            RemoveDone();
            return _takenOver.Count;
        }
    }

    /// <summary>Releases the folders that were taken over; another process may take over what is unsent.</summary>
    public void ReleaseTakenOver()
    {
        lock (_lock)
        {
            _bytes -= _segments.Where(segment => !segment.IsOwn).Sum(segment => segment.Size);
            _segments.RemoveAll(segment => !segment.IsOwn);
            _takenOver.Release();
        }
    }

    public void Dispose()
    {
        ReleaseTakenOver();
        lock (_lock)
        {
            _disposed = true;
            _own.CloseAll();
            foreach (var segment in _segments.Where(segment => segment.ShippedTo >= segment.Size).ToList())
                Remove(segment);
            _own.Dispose();
        }
    }

    private bool TryTake(SpoolShare share, List<Segment> found, long bytes)
    {
        lock (_lock)
        {
            if (_bytes + bytes > maxBytes || _takenOver.IsFull)
                return false;
            _takenOver.Hold(share, found);
            _segments.InsertRange(0, found);
            _bytes += bytes;
            return true;
        }
    }

    private void Signal()
    {
        // Only one thread appends, so the count cannot change in between; one permit is enough.
        if (_appended.CurrentCount == 0)
            _appended.Release();
    }

    private (Segment Segment, long Unread)? Next(EventRank rank)
    {
        lock (_lock)
        {
            var next = _disposed ? null : _segments.Find(segment => segment.Rank == rank && segment.ReadTo < segment.Size);
            if (next is null)
                return null;
            next.IsBeingRead = true;
            return (next, next.Size - next.ReadTo);
        }
    }

    private void Fill(EventBatch batch, Segment segment, long unread)
    {
        var filled = false;
        try
        {
            filled = batch.Fill(segment, unread);
        }
        finally
        {
            lock (_lock)
            {
                segment.IsBeingRead = false;
                if (filled)
                    AfterReading(batch, segment);
            }
        }
    }

    private void AfterReading(EventBatch batch, Segment segment)
    {
        var (_, to, _) = batch.Parts[^1];
        segment.ReadTo = to;
        if (!batch.LastPartEndsCorrupt)
            return;
        // The file being written was deleted or corrupted: the next event starts another.
        _own.Close(segment);
        _bytes -= segment.Size - to;
        var lost = segment.EndAt(to, segment.ShippedRecords + batch.Parts.Where(part => part.Segment == segment).Sum(part => part.Records));
        dropped.Add(segment.Rank, lost);
        if (segment.IsOwn)
            Interlocked.Add(ref _ownPending, -lost);
    }

    /// <summary>Deletes files until there is room for <paramref name="bytes"/> more of <paramref name="rank"/>.</summary>
    private bool MakeRoom(EventRank rank, long bytes)
    {
        while (_bytes + bytes > maxBytes)
        {
            // A segment that is being sent stays: the server may store its events at any moment.
            var victim = _segments.Where(segment => !segment.IsBusy && segment.Size > 0 && segment.Rank <= rank).MinBy(segment => segment.Rank);
            if (victim is null)
                return false;
            _own.Forget(victim);
            if (victim.IsOwn)
                Interlocked.Add(ref _ownPending, -(victim.Records - victim.ShippedRecords));
            Remove(victim);
        }

        return true;
    }

    private void Remove(Segment segment)
    {
        _segments.Remove(segment);
        _bytes -= segment.Size;
        var unsent = segment.Delete();
        if (unsent > 0)
            dropped.Add(segment.Rank, unsent);
    }

    private void RemoveDone()
    {
        foreach (var segment in _segments.Where(segment => segment.IsDone).ToList())
            Remove(segment);
        _takenOver.ReleaseEmptied(_segments);
    }
}
