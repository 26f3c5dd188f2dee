using System.Text;

namespace Broker.Logging.Screen;

/// <summary>One event as the console shows it.</summary>
/// <param name="Time">The event's time; lines are shown in this order.</param>
/// <param name="Text">One or more lines, the last with its line end.</param>
public sealed record ConsoleLine(DateTimeOffset Time, string Text);

/// <summary>
/// Decouples loggers from the console: adding never blocks, a dedicated thread writes. A stopped terminal, or a pipe
/// without a reader, blocks that thread only; when the queue is full, lines are dropped and counted, and the count is reported later.
/// </summary>
public sealed class ConsoleQueue : IDisposable
{
    /// <summary>In characters: 8 MiB, about 40 000 lines.</summary>
    private const int CapacityForOneProcess = 4 * 1024 * 1024;

    /// <summary>For a supervisor, which holds lines of many processes to put them in order.</summary>
    private const int CapacityForManyProcesses = 4 * CapacityForOneProcess;

    /// <summary>In characters. Without it, empty lines would not fill the queue.</summary>
    private const int OverheadPerLine = 64;

    private const int MaxLinesPerBatch = 128;

    /// <summary>How long a program that ends waits for its last lines to be written.</summary>
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1);

    // Not a Lock: the thread waits on it with Monitor.Wait.
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

    /// <param name="write">Writes lines, in order, on the queue's own thread. An <see cref="IOException"/> drops these lines only.</param>
    /// <param name="hold">The minimum time to wait for lines of other processes; zero if this process is the only source.</param>
    public ConsoleQueue(Action<IReadOnlyList<ConsoleLine>> write, TimeSpan hold = default)
    {
        _write = write;
        _room = hold == TimeSpan.Zero ? CapacityForOneProcess : CapacityForManyProcesses;
        _order = new LineOrder(hold, TimeProvider.System);
        _thread = new Thread(Serve) { IsBackground = true, Name = "console" };
        _thread.Start();
        AppDomain.CurrentDomain.ProcessExit += OnEnd;
        AppDomain.CurrentDomain.UnhandledException += OnEnd;
    }

    /// <summary>A queue whose lines go to stderr, each in one system call, so that lines of several processes do not mix.</summary>
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

    /// <summary>Sets how the line is made that reports the number of dropped lines.</summary>
    public void DescribeDropsWith(Func<long, ConsoleLine> describe) => _describeDropped = describe;

    /// <summary>Whether the queue has room for a line; if not, counts one as dropped. Called before the text is formatted, which is costly.</summary>
    public bool HasRoom()
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
        if (!HasRoom())
            return;
        lock (_turn)
        {
            if (_ending)
                return;
            Volatile.Write(ref _characters, _characters + SizeOf(line));
            _order.Add(line, source);
            WakeWhenDue();
        }
    }

    /// <summary>Announces a new source; the lines of others are held until its first line, up to a limit.</summary>
    public void Await(object source)
    {
        lock (_turn)
            _order.Await(source);
    }

    /// <summary>The source has sent its first line, or has ended.</summary>
    public void Heard(object source)
    {
        lock (_turn)
        {
            _order.Heard(source);
            WakeWhenDue();
        }
    }

    /// <summary>Flushes for up to a second; later lines are ignored.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnEnd;
        AppDomain.CurrentDomain.UnhandledException -= OnEnd;
        lock (_turn)
        {
            _ending = true;
            Monitor.Pulse(_turn);
        }

        _thread.Join(FlushTimeout);
    }

    private static int SizeOf(ConsoleLine line) => line.Text.Length + OverheadPerLine;

    private void OnEnd(object? sender, EventArgs e) => Dispose();

    private void WakeWhenDue()
    {
        if (_order.NextAt < _wakesAt)
            Monitor.Pulse(_turn);
    }

    private void Serve()
    {
        var batch = new List<ConsoleLine>(MaxLinesPerBatch);
        while (Take(batch))
        {
            try
            {
                _write(batch);
                _failing = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // For example stderr is a file on a full disk, or closed. The drops are reported when a later write succeeds.
                _failing = true;
                Interlocked.Add(ref _dropped, batch.Count);
            }

            lock (_turn)
                Volatile.Write(ref _characters, _characters - batch.Sum(SizeOf));
            batch.Clear();
        }
    }

    /// <summary>Waits for lines that are due; false when the queue is closed and empty.</summary>
    private bool Take(List<ConsoleLine> batch)
    {
        lock (_turn)
        {
            while (true)
            {
                AddDropped();
                while (batch.Count < MaxLinesPerBatch && _order.TryTake(out var line, inAnyCase: _ending))
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
            // Rounded up: a wait that ends a fraction of a millisecond early would spin.
            Monitor.Wait(_turn, TimeSpan.FromMilliseconds(Math.Ceiling((at - _order.Now).TotalMilliseconds)));
        _wakesAt = null;
    }

    /// <summary>Once the queue is half empty again, one line reports all dropped lines.</summary>
    private void AddDropped()
    {
        if (Volatile.Read(ref _dropped) == 0 || _failing || (_characters > _room / 2 && !_ending) || _describeDropped is null)
            return;
        var line = _describeDropped(Interlocked.Exchange(ref _dropped, 0));
        Volatile.Write(ref _characters, _characters + SizeOf(line));
        _order.Add(line, source: null);
    }
}
