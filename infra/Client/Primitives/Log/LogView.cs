using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Broker.Contracts.Messages;

namespace Broker.Primitives.Log;

/// <summary>What one client knows of a stream: the fold, how it came to it, and who waits for what in it. Fed with the stream's records in their order.</summary>
internal sealed class LogView(Guid client, OperationCodec codec, LogWriter writer, TimeProvider clock)
{
    /// <summary>A snapshot is due after so many bytes, a record counting as 4 KiB at least: a client that joins reads no more than twice of it.</summary>
    private const long SnapshotWeight = 2 * 1024 * 1024;

    private const long RecordWeight = 4096;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<LogWaiter>> _waiters = new(StringComparer.Ordinal);
    private readonly List<(long Offset, LogRecord? Record)> _before = [];
    private SnapshotParts _parts = new();
    private LogFold? _fold;
    private long _from;
    private long _weight;
    private long _due = SnapshotWeight;
    private bool _resuming;
    private long _lastTaken = clock.GetTimestamp();

    /// <summary>
    /// Raised when what was read does not go on, and the state is unknown until it is read anew. True if the log is not what it was: records that were confirmed are gone.
    /// </summary>
    public event Action<bool>? Lost;

    /// <summary>How long nothing came.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Volatile.Read(ref _lastTaken));

    /// <summary>The offset of the last record read, with which reading begins again; null if it has to find its beginning first.</summary>
    public long? Resume()
    {
        lock (_lock)
        {
            _resuming = _fold is { Offset: >= 0 };
            return _resuming ? _fold!.Offset : null;
        }
    }

    /// <summary>Begins anew, with the record at an offset: the one after a snapshot's state, or the first of the stream.</summary>
    /// <param name="from">The offset; 0 where there is no snapshot.</param>
    public void Begin(long from)
    {
        lock (_lock)
        {
            _before.Clear();
            (_from, _weight, _due, _parts) = (from, 0, SnapshotWeight, new SnapshotParts());
            _fold = from == 0 ? new LogFold(codec) : null;
            if (_fold is not null)
                writer.Base = 0;
        }
    }

    /// <summary>Takes the next record; null for a message that is none.</summary>
    /// <returns>False if it does not go on where reading ended: it has to find its beginning.</returns>
    public bool Take(long offset, LogRecord? record, int size)
    {
        Volatile.Write(ref _lastTaken, clock.GetTimestamp());
        lock (_lock)
        {
            if (_resuming)
            {
                _resuming = false;
                if (offset == _fold!.Offset && (record is null ? _fold.Last is null : _fold.Last?.Is(record) == true))
                    return true;
                // A later offset: what was not read has been removed by age, and a snapshot stands for it.
                var wentBack = offset <= _fold.Offset;
                _fold = null;
                Lost?.Invoke(wentBack);
                return false;
            }

            if (_fold is not null)
                Apply(offset, record, size);
            else
                Seek(offset, record);
            return true;
        }
    }

    /// <summary>Looks at a name's state; <paramref name="look"/> copies what it needs.</summary>
    /// <returns>False while the state is not known.</returns>
    public bool TryLook<TState, T>(PrimitiveKey key, Func<TState?, T> look, [MaybeNullWhen(false)] out T result)
        where TState : PrimitiveState
    {
        lock (_lock)
        {
            result = _fold is null ? default : look(StateOf(key.ToString()) as TState);
            return _fold is not null;
        }
    }

    /// <summary>All names in use.</summary>
    public IReadOnlyList<PrimitiveKey> Names()
    {
        lock (_lock)
            return [.. (_fold?.Names ?? []).Select(PrimitiveKey.Parse)];
    }

    /// <summary>Looks now, and after each record of the name, until the waiter has seen what it waits for.</summary>
    public void Add(PrimitiveKey key, LogWaiter waiter)
    {
        var name = key.ToString();
        lock (_lock)
        {
            if (_fold is not null && waiter.Look(() => StateOf(name)))
                return;
            if (!_waiters.TryGetValue(name, out var waiters))
                _waiters[name] = waiters = [];
            waiters.Add(waiter);
        }
    }

    public void Remove(PrimitiveKey key, LogWaiter waiter)
    {
        var name = key.ToString();
        lock (_lock)
        {
            if (_waiters.TryGetValue(name, out var waiters) && waiters.Remove(waiter) && waiters.Count == 0)
                _waiters.Remove(name);
        }
    }

    private PrimitiveState? StateOf(string key) =>
        _fold?.IsForeign(key) == true ? throw new NotSupportedException($"'{key}' was written by a later version than this process has") : _fold?.StateOf(key);

    /// <summary>Keeps records until the snapshot is there whose state they follow.</summary>
    private void Seek(long offset, LogRecord? record)
    {
        _before.Add((offset, record));
        if (record is not { Type: LogRecord.Snapshot } || _parts.Add(record) is not { } parts || parts[0].Offset < _from - 1)
            return;
        _fold = LogFold.Of(SnapshotParts.Join(parts), codec);
        writer.Base = _fold.Offset + 1;
        var after = _before.Where(one => one.Offset > parts[0].Offset).ToList();
        _before.Clear();
        foreach (var (next, known) in after)
            Apply(next, known, 0);
        WakeAll();
    }

    private void Apply(long offset, LogRecord? record, int size)
    {
        var folded = _fold!.Apply(record, offset);
        var before = _weight;
        _weight += Math.Max(size, RecordWeight);
        if (record is null)
            return;
        if (record.Type == LogRecord.Snapshot && _parts.Add(record) is { } parts)
            (writer.Base, _weight, _due) = (parts[0].Offset + 1, 0, Math.Max(SnapshotWeight, 4 * parts.Sum(static part => (long)part.Bytes.Length)));
        if (record.Client == client)
            writer.Read(record, folded);
        if (folded.Outcome is LogFold.Forgot)
            WakeAll();
        else
            Wake(record.Key);
        // Whoever appended the record that made it due writes it, so mostly one does; should that one die, the next is due as much later.
        if (record.Client == client && before / _due != _weight / _due && record.Type != LogRecord.Snapshot && _fold.IsWhole)
            WriteSnapshot(_fold.Write());
    }

    private void WakeAll()
    {
        foreach (var key in _waiters.Keys.ToList())
            Wake(key);
    }

    private void Wake(string key)
    {
        if (_waiters.TryGetValue(key, out var waiters) && waiters.RemoveAll(waiter => waiter.Look(() => StateOf(key))) > 0 && waiters.Count == 0)
            _waiters.Remove(key);
    }

    private void WriteSnapshot(SnapshotContent content) => _ = Task.Run(() =>
    {
        foreach (var part in content.Split())
            writer.Append("", LogRecord.Snapshot, new RawJson(JsonSerializer.SerializeToUtf8Bytes(part, LogJson.Default.SnapshotPart)), null);
    });
}
