using System.Text;

namespace Broker.Logging;

/// <summary>What one event looks like on the console.</summary>
/// <param name="Time">When it happened, by which lines are ordered.</param>
/// <param name="Text">The line, or lines, with the last one's end.</param>
public sealed record ConsoleLine(DateTimeOffset Time, string Text);

/// <summary>
/// Stands between whoever logs and the console: adding never waits, a thread of its own writes. A terminal that is stopped, or a pipe
/// that nobody reads, holds up that thread only; when there is no more room, lines are dropped, counted, and the count is told later.
/// </summary>
public sealed class ConsoleQueue : IDisposable
{
    /// <summary>In characters: 8 MiB, some 40 000 lines, more than anybody reads and less than a process misses.</summary>
    private const int RoomOfOne = 4 * 1024 * 1024;

    /// <summary>Where lines of many processes wait for each other.</summary>
    private const int RoomOfMany = 4 * RoomOfOne;

    /// <summary>So that many empty lines are no endless queue.</summary>
    private const int CharactersOfEachLine = 64;

    private const int LargestBatch = 128;

    /// <summary>What a program that ends may take to show its last lines.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    // Not a Lock: the thread waits on it for lines.
    private readonly object _turn = new();
    private readonly LineOrder _order;
    private readonly Action<IReadOnlyList<ConsoleLine>> _write;
    private readonly int _room;
    private readonly Thread _thread;
    private Func<long, ConsoleLine>? _describeDropped;
    private long _characters;
    private long _dropped;
    private TimeSpan? _wakesAt;
    private bool _failing;
    private bool _ending;

    /// <param name="write">Writes lines, in order, on the queue's own thread. An <see cref="IOException"/> loses these lines, and no more.</param>
    /// <param name="hold">How long lines of other processes are waited for at least; zero where this process is the only one.</param>
    public ConsoleQueue(Action<IReadOnlyList<ConsoleLine>> write, TimeSpan hold = default)
    {
        _write = write;
        _room = hold == TimeSpan.Zero ? RoomOfOne : RoomOfMany;
        _order = new LineOrder(hold, TimeProvider.System);
        _thread = new Thread(Serve) { IsBackground = true, Name = "console" };
        _thread.Start();
        AppDomain.CurrentDomain.ProcessExit += OnEnd;
        AppDomain.CurrentDomain.UnhandledException += OnEnd;
    }

    /// <summary>A queue whose lines go to stderr, each in one system call: pieces would mix with what other processes write there.</summary>
    public static ConsoleQueue ToStandardError(TimeSpan hold = default)
    {
        var output = Console.OpenStandardError();
        return new ConsoleQueue(
            lines =>
            {
                foreach (var line in lines)
                    output.Write(Encoding.UTF8.GetBytes(line.Text));
            },
            hold);
    }

    /// <summary>Makes the line that tells how many were dropped.</summary>
    public void TellDropsBy(Func<long, ConsoleLine> describe) => _describeDropped = describe;

    /// <summary>Whether there is room for a line; where there is none, one counts as dropped. Saves the work of making its text.</summary>
    public bool Admits()
    {
        if (Volatile.Read(ref _characters) < _room)
            return true;
        Interlocked.Increment(ref _dropped);
        return false;
    }

    /// <summary>Adds a line, or drops it.</summary>
    /// <param name="line">The line.</param>
    /// <param name="source">Which other process sent it; null is this one.</param>
    public void Add(ConsoleLine line, object? source = null)
    {
        if (!Admits())
            return;
        lock (_turn)
        {
            if (_ending)
                return;
            Volatile.Write(ref _characters, _characters + SizeOf(line));
            _order.Add(line, source);
            WakeIfItIsTime();
        }
    }

    /// <summary>Another process will send lines; until it is heard, those of others wait, within limits.</summary>
    public void Await(object source)
    {
        lock (_turn)
            _order.Await(source);
    }

    /// <summary>That process was heard, or has ended.</summary>
    public void Heard(object source)
    {
        lock (_turn)
        {
            _order.Heard(source);
            WakeIfItIsTime();
        }
    }

    /// <summary>Writes what there is, for as long as a second; takes no more.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnEnd;
        AppDomain.CurrentDomain.UnhandledException -= OnEnd;
        lock (_turn)
        {
            _ending = true;
            Monitor.Pulse(_turn);
        }

        _thread.Join(LastWords);
    }

    private static int SizeOf(ConsoleLine line) => line.Text.Length + CharactersOfEachLine;

    private void OnEnd(object? sender, EventArgs e) => Dispose();

    private void WakeIfItIsTime()
    {
        if (_order.NextAt < _wakesAt)
            Monitor.Pulse(_turn);
    }

    private void Serve()
    {
        var batch = new List<ConsoleLine>(LargestBatch);
        while (Take(batch))
        {
            try
            {
                _write(batch);
                _failing = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk behind stderr, say, or none at all: told when a later line gets through.
                _failing = true;
                Interlocked.Add(ref _dropped, batch.Count);
            }

            lock (_turn)
                Volatile.Write(ref _characters, _characters - batch.Sum(SizeOf));
            batch.Clear();
        }
    }

    /// <summary>Waits for lines whose time has come; false when the queue ends and all are written.</summary>
    private bool Take(List<ConsoleLine> batch)
    {
        lock (_turn)
        {
            while (true)
            {
                AddDropped();
                while (batch.Count < LargestBatch && _order.TryTake(out var line, inAnyCase: _ending))
                    batch.Add(line);
                if (batch.Count > 0 || _ending)
                    return batch.Count > 0;
                WaitForNext();
            }
        }
    }

    private void WaitForNext()
    {
        var next = _order.NextAt;
        _wakesAt = next ?? TimeSpan.MaxValue;
        if (next is not { } at)
            Monitor.Wait(_turn);
        else if (at > _order.Now)
            // Not a part of a millisecond too early, again and again.
            Monitor.Wait(_turn, TimeSpan.FromMilliseconds(Math.Ceiling((at - _order.Now).TotalMilliseconds)));
        _wakesAt = null;
    }

    /// <summary>When half of the room is free again, one line tells of all that found none.</summary>
    private void AddDropped()
    {
        if (Volatile.Read(ref _dropped) == 0 || _failing || (_characters > _room / 2 && !_ending) || _describeDropped is null)
            return;
        var line = _describeDropped(Interlocked.Exchange(ref _dropped, 0));
        Volatile.Write(ref _characters, _characters + SizeOf(line));
        _order.Add(line, source: null);
    }
}
