using System.Diagnostics;

namespace Broker.Logging.Elasticsearch;

/// <summary>Says on the screen what keeps events from their way: once, not for each of them, and again only after a good while.</summary>
internal sealed class Trouble(Action<string> notice)
{
    private static readonly TimeSpan GoodWhile = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _said = [];

    /// <param name="key">What sort of trouble it is; of one sort, the first is said.</param>
    /// <param name="text">What, why and what to do.</param>
    public void Say(string key, string text)
    {
        lock (_lock)
        {
            if (_said.TryGetValue(key, out var last) && Stopwatch.GetElapsedTime(last) < GoodWhile)
                return;
            _said[key] = Stopwatch.GetTimestamp();
        }

        try
        {
            notice($"logs: {text}");
        }
        catch (Exception)
        {
            // A screen that cannot be written, on a full disk say, is no reason to lose what the log still can do; there is nobody left to tell.
        }
    }
}
