using System.Diagnostics;

namespace Broker.Logging.Elasticsearch;

/// <summary>Reports on the console why events cannot be sent: once per cause, and again after ten minutes at the earliest.</summary>
internal sealed class RateLimitedNotices(Action<string> notice)
{
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _said = [];

    /// <param name="key">The cause; repetitions of one cause are suppressed.</param>
    /// <param name="text">What, why and what to do.</param>
    public void Say(string key, string text)
    {
        lock (_lock)
        {
            if (_said.TryGetValue(key, out var last) && Stopwatch.GetElapsedTime(last) < RepeatAfter)
                return;
            _said[key] = Stopwatch.GetTimestamp();
        }

        try
        {
            notice($"logs: {text}");
        }
        catch (Exception)
        {
            // The console cannot be written, for example on a full disk. Sending goes on, and there is no other place to report this.
        }
    }
}
