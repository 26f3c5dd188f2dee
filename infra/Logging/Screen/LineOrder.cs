using System.Diagnostics.CodeAnalysis;

namespace Broker.Logging.Screen;

/// <summary>
/// Orders the lines of several sources by time. Each line is held for a while, because an earlier line of another source
/// may still arrive: at least for <paramref name="hold"/>, on a busy machine for twice the recent delay of lines,
/// and until every new source has sent its first line. Not thread-safe.
/// </summary>
/// <param name="hold">The minimum time to hold a line; zero if there is only one source.</param>
/// <param name="clock">The clock of the lines' times.</param>
internal sealed class LineOrder(TimeSpan hold, TimeProvider clock)
{
    /// <summary>The maximum time to hold a line and to wait for a new source. Beyond it, late lines are worse than lines out of order.</summary>
    internal static readonly TimeSpan MaxHold = TimeSpan.FromSeconds(5);

    /// <summary>How long one late line lengthens the hold.</summary>
    internal static readonly TimeSpan DelayWindow = TimeSpan.FromSeconds(10);

    private readonly PriorityQueue<Held, (long Time, long Number)> _lines = new();
    private readonly HashSet<object> _unheard = [];
    private readonly long _origin = clock.GetTimestamp();
    private TimeSpan _unheardUntil;
    private TimeSpan _delay;
    private TimeSpan _delayHoldsUntil;
    private long _number;

    /// <summary>When the first line is due, on the scale of <see cref="Now"/>; null if there is none.</summary>
    public TimeSpan? NextAt => _lines.TryPeek(out var first, out _) ? ReleaseAt(first) : null;

    /// <summary>Time since construction. Not the wall clock: it may be set back, and lines would wait until it has caught up.</summary>
    public TimeSpan Now => clock.GetElapsedTime(_origin);

    private TimeSpan Hold => hold == TimeSpan.Zero ? hold
        : _delay * 2 > MaxHold ? MaxHold
        : _delay * 2 > hold ? _delay * 2 : hold;

    /// <summary>Announces a source; its first line is late, because the process has to start.</summary>
    public void Await(object source)
    {
        _unheard.Add(source);
        _unheardUntil = Now + MaxHold;
    }

    /// <summary>The source has sent its first line, or has ended.</summary>
    public void Heard(object source) => _unheard.Remove(source);

    /// <param name="line">The line.</param>
    /// <param name="source">The sender; null is this process.</param>
    public void Add(ConsoleLine line, object? source)
    {
        var delay = TimeSpan.FromTicks(Math.Clamp((clock.GetUtcNow() - line.Time).Ticks, 0, MaxHold.Ticks));
        if (source is not null && !_unheard.Remove(source) && (delay > _delay || Now > _delayHoldsUntil))
            (_delay, _delayHoldsUntil) = (delay, Now + DelayWindow);
        _lines.Enqueue(new Held(line, Now - delay), (line.Time.UtcTicks, _number++));
    }

    /// <summary>Takes the first line if it is due, or always with <paramref name="inAnyCase"/>, for the end.</summary>
    public bool TryTake([NotNullWhen(true)] out ConsoleLine? line, bool inAnyCase = false)
    {
        line = null;
        if (!_lines.TryPeek(out var first, out _) || (!inAnyCase && ReleaseAt(first) > Now))
            return false;
        line = _lines.Dequeue().Line;
        return true;
    }

    private TimeSpan ReleaseAt(Held first)
    {
        var at = first.At + Hold;
        return _unheard.Count > 0 && _unheardUntil > at ? _unheardUntil : at;
    }

    /// <param name="Line">The line.</param>
    /// <param name="At">Its time, on the scale of <see cref="Now"/>.</param>
    private readonly record struct Held(ConsoleLine Line, TimeSpan At);
}
