using System.Collections.Concurrent;
using Broker.Logging.Spool;
using Serilog.Events;

namespace Broker.Logging.Elasticsearch;

/// <summary>
/// Passes events from the threads that log to the one that writes to disk. Bounded; never blocks. The fuller it is, the higher an
/// event's level must be to be accepted, so that a flood of debug events does not displace errors.
/// </summary>
internal sealed class EventQueue(int capacity, DropCounts dropped) : IDisposable
{
    private readonly ConcurrentQueue<LogEvent> _events = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private volatile bool _closed;
    private int _count;
    private int _awake;

    public void Add(LogEvent logEvent)
    {
        var rank = EventRanks.Of(logEvent.Level);
        if (Interlocked.Increment(ref _count) > Share(rank) || _closed)
        {
            Interlocked.Decrement(ref _count);
            dropped.Add(rank, 1);
            return;
        }

        _events.Enqueue(logEvent);
        // Waking a thread costs more than all the rest, so only the first event after it went to sleep does it.
        if (Interlocked.Exchange(ref _awake, 1) == 0)
            _wake.Set();
    }

    /// <summary>Blocks until there are events; false when the queue is closed and empty. For one dedicated thread.</summary>
    public bool Wait()
    {
        while (_events.IsEmpty)
        {
            if (_closed)
                return false;
            Volatile.Write(ref _awake, 0);
            Interlocked.MemoryBarrier();
            if (_events.IsEmpty && !_closed)
                _wake.WaitOne();
        }

        return true;
    }

    public bool TryTake(out LogEvent? logEvent)
    {
        if (!_events.TryDequeue(out logEvent))
            return false;
        Interlocked.Decrement(ref _count);
        return true;
    }

    /// <summary>Accepts no more events; queued ones can still be taken.</summary>
    public void Close()
    {
        _closed = true;
        _wake.Set();
    }

    public void Dispose() => _wake.Dispose();

    private int Share(EventRank rank) => rank switch
    {
        EventRank.Debug => capacity / 2,
        EventRank.Information => capacity / 10 * 9,
        _ => capacity,
    };
}
