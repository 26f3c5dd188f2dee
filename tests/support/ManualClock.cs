namespace Broker.Tests.Support;

/// <summary>A clock that a test advances; timers fire on the way.</summary>
public sealed class ManualClock : TimeProvider
{
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private TimeSpan _running;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers created and not disposed.</summary>
    public int Timers => _timers.Count;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _running.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        _timers.Add(timer);
        return timer;
    }

    public void Advance(TimeSpan time)
    {
        _running += time;
        _now += time;
        foreach (var timer in _timers.Where(timer => timer.DueAt <= _running).OrderBy(timer => timer.DueAt).ToList())
            timer.GoOff();
    }

    /// <summary>Sets the wall clock; elapsed time and timers are not affected.</summary>
    public void Set(DateTimeOffset now) => _now = now;

    private sealed class ManualTimer(ManualClock clock, Action goOff) : ITimer
    {
        public TimeSpan? DueAt { get; private set; }

        public void GoOff()
        {
            DueAt = null;
            goOff();
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : clock._running + dueTime;
            return true;
        }

        public void Dispose() => clock._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
