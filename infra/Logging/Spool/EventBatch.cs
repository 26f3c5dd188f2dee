namespace Broker.Logging.Spool;

/// <summary>Records that are sent together, and their places in the spool. Reused, to avoid allocations.</summary>
internal sealed class EventBatch(int maxRecords, int maxBytes)
{
    private readonly List<(int Offset, int Length)> _records = [];
    private byte[] _bytes = new byte[64 * 1024];
    private int _used;
    private int _payload;
    private bool _full;

    public int Count => _records.Count;

    public bool IsFull => _full || _records.Count >= maxRecords;

    /// <summary>The parts of segments it consists of, each with its end offset and number of records.</summary>
    public List<(Segment Segment, long To, int Records)> Parts { get; } = [];

    /// <summary>Whether the file is corrupt after the last part, so that nothing more of it can be read.</summary>
    public bool LastPartEndsCorrupt { get; private set; }

    public ReadOnlyMemory<byte> this[int index] => _bytes.AsMemory(_records[index].Offset, _records[index].Length);

    public void Clear()
    {
        _records.Clear();
        Parts.Clear();
        _used = 0;
        _payload = 0;
        _full = false;
    }

    /// <summary>Adds records of a segment, from its read position on.</summary>
    /// <returns>Whether anything was added; if not, the batch has no room for the next record.</returns>
    public bool Fill(Segment segment, long unread)
    {
        LastPartEndsCorrupt = false;
        if (_payload >= maxBytes)
        {
            _full = true;
            return false;
        }

        var wanted = (int)Math.Min(unread, (long)maxBytes - _payload + SpoolRecord.HeaderBytes);
        // A record larger than the remaining space starts the next batch, where it is read whole.
        if (Count == 0 && wanted < unread)
            wanted = (int)Math.Min(unread, SpoolRecord.MaxPayloadBytes + SpoolRecord.HeaderBytes);
        EnsureRoom(wanted);
        var read = segment.Read(_bytes.AsSpan(_used, wanted), segment.ReadTo);
        var taken = Take(read, out var records);
        var cut = taken < read && wanted < unread && Count > 0;
        _full |= cut;
        LastPartEndsCorrupt = !IsFull && (taken < read || read < wanted);
        if (taken == 0 && IsFull)
            return false;
        Parts.Add((segment, segment.ReadTo + taken, records));
        return true;
    }

    private int Take(int read, out int records)
    {
        var start = _used;
        var at = start;
        records = 0;
        while (_records.Count < maxRecords)
        {
            var sound = SpoolRecord.TryRead(_bytes.AsSpan(at, start + read - at), out var payload, out var length);
            if (length == 0)
                break;
            if (Count > 0 && _payload + payload.Length > maxBytes)
            {
                _full = true;
                break;
            }

            if (sound)
            {
                _records.Add((at + SpoolRecord.HeaderBytes, payload.Length));
                _payload += payload.Length;
            }

            // A corrupt record is skipped, but counted as sent.
            records++;
            at += length;
        }

        _used = at;
        return at - start;
    }

    private void EnsureRoom(int more)
    {
        if (_used + more > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_used + more, Math.Min(_bytes.Length * 2, maxBytes + (1024 * 1024))));
    }
}
