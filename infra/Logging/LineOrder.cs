using System.Diagnostics.CodeAnalysis;

namespace Broker.Logging;

/// <summary>
/// Brings lines of several sources into the order of their time. Each is held for a while after its time, for another source's earlier
/// line may still be on its way; longer, within limits, where a source has said that it has more to tell. Not thread-safe.
/// </summary>
/// <param name="hold">How long a line waits for earlier ones; zero where there is only one source.</param>
/// <param name="clock">Whose time it is.</param>
internal sealed class LineOrder(TimeSpan hold, TimeProvider clock)
{
    /// <summary>How much longer a line waits for a source that lags behind. Beyond it, seeing lines late is worse than out of order.</summary>
    internal static readonly TimeSpan LongestWaitForLaggard = TimeSpan.FromSeconds(2);

    private readonly PriorityQueue<Held, (long Time, long Number)> _lines = new();
    private readonly Dictionary<object, DateTimeOffset> _laggards = [];
    private readonly long _origin = clock.GetTimestamp();
    private long _number;

    public bool IsEmpty => _lines.Count == 0;

    /// <summary>When the first line can be taken, on the scale of <see cref="Now"/>; null when there is none.</summary>
    public TimeSpan? NextAt => _lines.TryPeek(out var first, out _) ? ReleaseAt(first) : null;

    /// <summary>Since this was made. The wall clock may be set back, and lines would wait until it has caught up.</summary>
    public TimeSpan Now => clock.GetElapsedTime(_origin);

    /// <param name="line">The line.</param>
    /// <param name="source">Who sent it; null is this process.</param>
    /// <param name="more">Whether the source has later ones that wait to be sent.</param>
    public void Add(ConsoleLine line, object? source, bool more)
    {
        if (source is not null && more)
            _laggards[source] = line.Time;
        else if (source is not null)
            _laggards.Remove(source);
        var remaining = line.Time + hold - clock.GetUtcNow();
        _lines.Enqueue(new Held(line, Now + TimeSpan.FromTicks(Math.Clamp(remaining.Ticks, 0, hold.Ticks))), (line.Time.UtcTicks, _number++));
    }

    /// <summary>The source sends nothing more.</summary>
    public void End(object source) => _laggards.Remove(source);

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
        foreach (var told in _laggards.Values)
        {
            if (told < first.Line.Time)
                return first.DueAt + LongestWaitForLaggard;
        }

        return first.DueAt;
    }

    private readonly record struct Held(ConsoleLine Line, TimeSpan DueAt);
}
