using System.Diagnostics.CodeAnalysis;

namespace Broker.Logging;

/// <summary>
/// Brings lines of several sources into the order of their time. Each is held for a while after its time, for another source's earlier
/// line may still be on its way: at least for <paramref name="hold"/>, on a busy machine for twice as long as lines lately took to arrive,
/// and until every new source has been heard once. Not thread-safe.
/// </summary>
/// <param name="hold">How long a line waits for earlier ones at least; zero where there is only one source.</param>
/// <param name="clock">Whose time it is.</param>
internal sealed class LineOrder(TimeSpan hold, TimeProvider clock)
{
    /// <summary>The longest that a line is held, and that a new source is waited for. Beyond it, seeing lines late is worse than out of order.</summary>
    internal static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(5);

    /// <summary>How long one late line makes the others wait.</summary>
    internal static readonly TimeSpan Lately = TimeSpan.FromSeconds(10);

    private readonly PriorityQueue<Held, (long Time, long Number)> _lines = new();
    private readonly HashSet<object> _unheard = [];
    private readonly long _origin = clock.GetTimestamp();
    private TimeSpan _unheardUntil;
    private TimeSpan _delay;
    private TimeSpan _delayHoldsUntil;
    private long _number;

    /// <summary>When the first line can be taken, on the scale of <see cref="Now"/>; null when there is none.</summary>
    public TimeSpan? NextAt => _lines.TryPeek(out var first, out _) ? ReleaseAt(first) : null;

    /// <summary>Since this was made. The wall clock may be set back, and lines would wait until it has caught up.</summary>
    public TimeSpan Now => clock.GetElapsedTime(_origin);

    private TimeSpan Hold => hold == TimeSpan.Zero ? hold
        : _delay * 2 > LongestHold ? LongestHold
        : _delay * 2 > hold ? _delay * 2 : hold;

    /// <summary>A new source; what it says first is late, for it has to load its code.</summary>
    public void Await(object source)
    {
        _unheard.Add(source);
        _unheardUntil = Now + LongestHold;
    }

    /// <summary>The source is no longer waited for: it was heard, or has ended.</summary>
    public void Heard(object source) => _unheard.Remove(source);

    /// <param name="line">The line.</param>
    /// <param name="source">Who sent it; null is this process.</param>
    public void Add(ConsoleLine line, object? source)
    {
        var delay = TimeSpan.FromTicks(Math.Clamp((clock.GetUtcNow() - line.Time).Ticks, 0, LongestHold.Ticks));
        if (source is not null && !_unheard.Remove(source) && (delay > _delay || Now > _delayHoldsUntil))
            (_delay, _delayHoldsUntil) = (delay, Now + Lately);
        _lines.Enqueue(new Held(line, Now - delay), (line.Time.UtcTicks, _number++));
    }

    /// <summary>Takes the first line if its time has come, or in any case when nothing more can come before it.</summary>
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
