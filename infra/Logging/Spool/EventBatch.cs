namespace Broker.Logging.Spool;

/// <summary>Records that are sent together, and where in the spool they lie. Used again and again: its memory stays.</summary>
internal sealed class EventBatch(int mostRecords, int mostBytes)
{
    private readonly List<(int Offset, int Length)> _records = [];
    private byte[] _bytes = new byte[64 * 1024];
    private int _used;
    private int _payload;
    private bool _full;

    public int Count => _records.Count;

    public bool IsFull => _full || _records.Count >= mostRecords;

    /// <summary>The parts of segments it is made of, each with the offset behind it and its number of records.</summary>
    public List<(Segment Segment, long To, int Records)> Parts { get; } = [];

    /// <summary>Whether what follows the last part in its file is no record, and nothing after it can be read.</summary>
    public bool LastPartEndsUnsound { get; private set; }

    public ReadOnlyMemory<byte> this[int index] => _bytes.AsMemory(_records[index].Offset, _records[index].Length);

    public void Clear()
    {
        _records.Clear();
        Parts.Clear();
        _used = 0;
        _payload = 0;
        _full = false;
    }

    /// <summary>Adds records of a segment from where it was read to last.</summary>
    /// <returns>Whether it got on at all; where not, there is no room for even the next record.</returns>
    public bool Fill(Segment segment, long unread)
    {
        LastPartEndsUnsound = false;
        if (_payload >= mostBytes)
        {
            _full = true;
            return false;
        }

        var wanted = (int)Math.Min(unread, (long)mostBytes - _payload + SpoolRecord.HeaderBytes);
        // A record that is larger than the rest of this batch begins the next one, where it is read whole.
        if (Count == 0 && wanted < unread)
            wanted = (int)Math.Min(unread, SpoolRecord.LongestPayload + SpoolRecord.HeaderBytes);
        EnsureRoom(wanted);
        var read = segment.Read(_bytes.AsSpan(_used, wanted), segment.ReadTo);
        var taken = Take(read, out var records);
        var cut = taken < read && wanted < unread && Count > 0;
        _full |= cut;
        LastPartEndsUnsound = !IsFull && (taken < read || read < wanted);
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
        while (_records.Count < mostRecords)
        {
            var sound = SpoolRecord.TryRead(_bytes.AsSpan(at, start + read - at), out var payload, out var length);
            if (length == 0)
                break;
            if (Count > 0 && _payload + payload.Length > mostBytes)
            {
                _full = true;
                break;
            }

            if (sound)
            {
                _records.Add((at + SpoolRecord.HeaderBytes, payload.Length));
                _payload += payload.Length;
            }

            // One that is spoilt is passed over, but counts: it is dealt with.
            records++;
            at += length;
        }

        _used = at;
        return at - start;
    }

    private void EnsureRoom(int more)
    {
        if (_used + more > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_used + more, Math.Min(_bytes.Length * 2, mostBytes + (1024 * 1024))));
    }
}
