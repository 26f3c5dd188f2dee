using System.Runtime.ExceptionServices;

namespace Broker.Pool;

/// <summary>
/// Items of a synchronous source, which is read on a thread of its own: it may block for as long as it likes and holds up nothing but
/// itself. Read no further than was asked for, and no further than items that fill a message.
/// </summary>
internal sealed class ThreadItems<T>(IEnumerable<T> source, Func<T, ReadOnlyMemory<byte>> encode, Func<string?> kind) : IItemReader
{
    /// <summary>Where several items are wanted, those read so far are given after this time. Until then they are handed over together.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(5);

    private readonly object _lock = new();
    private readonly Queue<ReadOnlyMemory<byte>> _ready = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _waiting;
    private ExceptionDispatchInfo? _error;
    private int _wanted;
    private int _bytes;
    private bool _firstEndsWaiting;
    private bool _started;
    private bool _atEnd;
    private bool _stopped;

    public string? Kind => kind();

    public ReadOnlyMemory<byte> Current { get; private set; }

    public ValueTask<bool> MoveNextAsync(int wanted, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_ready.Count > 0 || _atEnd)
                return new ValueTask<bool>(Take());
            _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            (_wanted, _bytes) = (wanted, 0);
            _firstEndsWaiting = wanted == 1;
            if (!_started)
                new Thread(Read) { IsBackground = true, Name = "broker items" }.Start();
            _started = true;
            Monitor.Pulse(_lock);
            return new ValueTask<bool>(WaitAsync(_waiting, cancellationToken));
        }
    }

    /// <summary>Has the thread dispose the source as soon as the source gives it back control, and waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (!_started)
                return;
            _stopped = true;
            Monitor.Pulse(_lock);
        }

        await _ended.Task;
    }

    private async Task<bool> WaitAsync(TaskCompletionSource waiting, CancellationToken cancellationToken)
    {
        if (!_firstEndsWaiting && await Task.WhenAny(waiting.Task, Task.Delay(Together, cancellationToken)) != waiting.Task)
        {
            lock (_lock)
            {
                _firstEndsWaiting = true;
                if (_ready.Count > 0)
                    waiting.TrySetResult();
            }
        }

        await waiting.Task.WaitAsync(cancellationToken);
        lock (_lock)
            return Take();
    }

    private bool Take()
    {
        if (_ready.TryDequeue(out var item))
        {
            Current = item;
            return true;
        }

        _error?.Throw();
        return false;
    }

    private void Read()
    {
        try
        {
            using var items = source.GetEnumerator();
            while (MayRead() && items.MoveNext())
                Add(encode(items.Current));
        }
        catch (Exception e)
        {
            // Whatever the source throws is its reader's; here it would end the process.
            _error = ExceptionDispatchInfo.Capture(e);
        }

        lock (_lock)
        {
            _atEnd = true;
            _waiting?.TrySetResult();
        }

        _ended.TrySetResult();
    }

    private bool MayRead()
    {
        lock (_lock)
        {
            while (_wanted == 0 && !_stopped)
                Monitor.Wait(_lock);
            return !_stopped;
        }
    }

    private void Add(ReadOnlyMemory<byte> item)
    {
        lock (_lock)
        {
            _ready.Enqueue(item);
            _bytes += item.Length;
            if (--_wanted == 0 || _bytes > ChunkSizer.MaxBytes)
                (_wanted, _firstEndsWaiting) = (0, true);
            if (_firstEndsWaiting)
                _waiting?.TrySetResult();
        }
    }
}
