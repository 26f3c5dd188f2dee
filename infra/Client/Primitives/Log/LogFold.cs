using System.Runtime.InteropServices;

namespace Broker.Primitives.Log;

/// <summary>What became of a record.</summary>
/// <param name="Fate">Whether it counted.</param>
/// <param name="Outcome">What the operation returned.</param>
internal readonly record struct Folded(RecordFate Fate, object? Outcome = null);

internal enum RecordFate
{
    /// <summary>It counts.</summary>
    Applied,

    /// <summary>Its client had begun another session before: the client sent it again, or gave it up.</summary>
    OfEndedSession,

    /// <summary>A larger fence was seen under this name.</summary>
    Fenced,

    /// <summary>This version does not know the operation.</summary>
    Unknown,
}

/// <summary>
/// The state that the records of a stream make, up to an offset. It depends on these records alone, so it is the same in every client, whether it was folded from the
/// beginning or from a snapshot.
/// </summary>
internal sealed class LogFold(OperationCodec codec)
{
    /// <summary>A name that was not used for so long is forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromDays(7);

    private readonly Dictionary<string, Entry> _names = new(StringComparer.Ordinal);

    /// <summary>Of clients that had more than one: for the others nothing is void.</summary>
    private readonly Dictionary<Guid, Session> _sessions = [];

    /// <summary>Of the last record; -1 before the first.</summary>
    public long Offset { get; private set; } = -1;

    /// <summary>The last record, where it was read.</summary>
    public LogRecord? Last { get; private set; }

    /// <summary>All names in use.</summary>
    public IEnumerable<string> Names => _names.Where(static name => name.Value.State is not null).Select(static name => name.Key);

    public PrimitiveState? StateOf(string key) => _names.TryGetValue(key, out var entry) ? entry.State : null;

    /// <summary>Whether a later version has written under this name, so that this one does not know its state.</summary>
    public bool IsForeign(string key) => _names.TryGetValue(key, out var entry) && entry.IsForeign;

    /// <summary>Takes the record at the next offset; null for a message that is none.</summary>
    public Folded Apply(LogRecord? record, long offset)
    {
        (Offset, Last) = (offset, record);
        if (record is null)
            return new Folded(RecordFate.Unknown);
        if (record.SessionNumber > 1 && record.Type == LogRecord.Session)
            _sessions[record.Client] = new Session(Math.Max(record.SessionNumber, SessionOf(record.Client)), record.At);
        if (record.SessionNumber < SessionOf(record.Client))
            return new Folded(RecordFate.OfEndedSession);
        switch (record.Type)
        {
            case LogRecord.Session or LogRecord.Marker:
                return default;
            case LogRecord.Snapshot:
                return new Folded(RecordFate.Applied, ForgetBefore(record) ? new Forgot() : null);
            case LogRecord.Remove:
                return new Folded(RecordFate.Applied, _names.Remove(record.Key));
        }

        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_names, record.Key, out _);
        entry ??= new Entry();
        if (record.At > entry.At)
            entry.At = record.At;
        if (record.Fence < entry.Fence)
            return new Folded(RecordFate.Fenced);
        if (record.Fence is { } fence)
            entry.Fence = fence;
        if (record.Type == LogRecord.Begin)
            return default;
        if (entry.IsForeign || codec.Read<Operation>(record.Type, record.Body.Utf8.Span) is not { } operation)
        {
            entry.IsForeign = true;
            return new Folded(RecordFate.Unknown);
        }

        entry.State ??= operation.NewState();
        return new Folded(RecordFate.Applied, entry.State.Apply(operation, new LogPlace(offset, record.Client, record.At, record.Fence)));
    }

    /// <summary>Whether every name's state is known: a snapshot of this client loses nothing.</summary>
    public bool IsWhole => _names.Values.All(static entry => !entry.IsForeign);

    /// <summary>All of it, for a snapshot.</summary>
    public SnapshotContent Write() => new()
    {
        Offset = Offset,
        Names = [.. _names.Select(name =>
        {
            var (type, body) = name.Value.State is { } state ? codec.Write(state) : ("", null);
            return new SnapshotName(name.Key, name.Value.At, name.Value.Fence, type, new(body));
        })],
        Sessions = [.. _sessions.Select(session => new SnapshotSession(session.Key, session.Value.Number, session.Value.At))],
    };

    /// <summary>Begins with the state of a snapshot.</summary>
    public static LogFold Of(SnapshotContent content, OperationCodec codec)
    {
        var fold = new LogFold(codec) { Offset = content.Offset };
        foreach (var name in content.Names)
        {
            var state = name.Type.Length == 0 ? null : codec.Read<PrimitiveState>(name.Type, name.State.Utf8.Span);
            fold._names[name.Key] = new Entry { At = name.At, Fence = name.Fence, State = state, IsForeign = state is null && name.Type.Length > 0 };
        }

        foreach (var session in content.Sessions)
            fold._sessions[session.Client] = new Session(session.Number, session.At);
        return fold;
    }

    private int SessionOf(Guid client) => _sessions.TryGetValue(client, out var session) ? session.Number : 0;

    /// <summary>At a place in the log, not when a snapshot is loaded: so those who read on and those who load it forget the same names.</summary>
    private bool ForgetBefore(LogRecord snapshot)
    {
        var oldest = snapshot.At - Memory;
        var before = _names.Count;
        foreach (var (key, entry) in _names)
        {
            if (entry.At < oldest)
                _names.Remove(key);
        }

        foreach (var (client, session) in _sessions)
        {
            if (session.At < oldest)
                _sessions.Remove(client);
        }

        return _names.Count < before;
    }

    /// <summary>The outcome of a record by which names were forgotten.</summary>
    public sealed record Forgot;

    private sealed class Entry
    {
        public PrimitiveState? State { get; set; }

        public DateTimeOffset At { get; set; }

        /// <summary>The largest under which something was written.</summary>
        public long? Fence { get; set; }

        public bool IsForeign { get; set; }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Session(int Number, DateTimeOffset At);
}
