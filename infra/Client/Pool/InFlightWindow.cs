using System.Diagnostics;

namespace Broker.Pool;

/// <summary>
/// Says when one more job may be sent. What is in flight is bounded three ways: in jobs, by about two seconds of the fleet's work, so
/// that a huge batch does not bury a small call of the same kind; in bytes on the way; and in bytes of outcomes that came and were not
/// yet taken, so that a slow reader or one slow item at the head of an ordered batch cannot fill the memory.
/// </summary>
internal sealed class InFlightWindow(int? fixedJobs)
{
    private const int MinJobs = 32;
    private const int MaxJobs = 2000;
    private const long MaxBytesInFlight = 32L * 1024 * 1024;
    private const long MaxBytesWaiting = 32L * 1024 * 1024;
    private static readonly TimeSpan WorkInFlight = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RateSample = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Host, int ProcessId), int> _slots = [];
    private TaskCompletionSource? _room;
    private int _slotTotal;
    private int _jobs;
    private long _bytes;
    private long _bytesWaiting;
    private long _outcomeBytesOfJob;
    private long _sampleStart = Stopwatch.GetTimestamp();
    private int _sampleJobs;
    private double _jobsPerSecond;

    /// <summary>How many jobs the consumers seen so far run at once; 0 before the first outcome.</summary>
    public int Slots
    {
        get
        {
            lock (_lock)
                return _slotTotal;
        }
    }

    /// <summary>How many jobs may be sent now without waiting, as far as their number goes; at least the one that would have to wait.</summary>
    public int Room
    {
        get
        {
            lock (_lock)
                return Math.Max(1, Limit - _jobs);
        }
    }

    /// <summary>Waits until a job of <paramref name="bytes"/> may be sent, and counts it in.</summary>
    public async Task EnterAsync(int bytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_lock)
            {
                if (HasRoom)
                {
                    _jobs++;
                    _bytes += bytes;
                    return;
                }

                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A worker has been heard of; a window smaller than what the fleet can run at once would leave it idle.</summary>
    public void Seen(string host, int processId, int concurrency)
    {
        lock (_lock)
        {
            _slotTotal += concurrency - _slots.GetValueOrDefault((host, processId));
            _slots[(host, processId)] = concurrency;
        }
    }

    /// <summary>A job that was let in is done; <paramref name="outcomeBytes"/> of outcomes wait to be taken.</summary>
    public void Left(int bytes, long outcomeBytes)
    {
        lock (_lock)
        {
            _jobs--;
            _bytes -= bytes;
            _outcomeBytesOfJob = _outcomeBytesOfJob == 0 ? outcomeBytes : (_outcomeBytesOfJob * 7 + outcomeBytes) / 8;
            SampleRate();
            Release();
        }
    }

    public void Arrived(long bytes)
    {
        lock (_lock)
            _bytesWaiting += bytes;
    }

    /// <summary>The caller has taken outcomes.</summary>
    public void Taken(long bytes)
    {
        lock (_lock)
        {
            _bytesWaiting -= bytes;
            Release();
        }
    }

    private bool HasRoom =>
        _bytesWaiting < MaxBytesWaiting
        && (_jobs == 0
            || (_jobs < Limit
                && _bytes < MaxBytesInFlight
                && _bytesWaiting + (_jobs * _outcomeBytesOfJob) < MaxBytesWaiting));

    private int Limit => fixedJobs ?? Math.Max(
        Math.Max(MinJobs, 2 * _slotTotal),
        (int)Math.Min(MaxJobs, _jobsPerSecond * WorkInFlight.TotalSeconds));

    private void SampleRate()
    {
        _sampleJobs++;
        var elapsed = Stopwatch.GetElapsedTime(_sampleStart);
        if (elapsed < RateSample)
            return;
        var rate = _sampleJobs / elapsed.TotalSeconds;
        _jobsPerSecond = _jobsPerSecond == 0 ? rate : (_jobsPerSecond + rate) / 2;
        _sampleJobs = 0;
        _sampleStart = Stopwatch.GetTimestamp();
    }

    private void Release()
    {
        if (_room is null || !HasRoom)
            return;
        _room.TrySetResult();
        _room = null;
    }
}
