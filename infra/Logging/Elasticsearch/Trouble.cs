using System.Diagnostics;

namespace Broker.Logging.Elasticsearch;

/// <summary>Says on the screen what keeps events from their way: once, not for each of them, and again only after a good while.</summary>
internal sealed class Trouble(Action<string> notice)
{
    private static readonly TimeSpan GoodWhile = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _said = [];

    public void Say(string text)
    {
        // The first words are ours; what follows varies from event to event.
        var key = string.Join(' ', text.Split(' ').Take(2));
        lock (_lock)
        {
            if (_said.TryGetValue(key, out var last) && Stopwatch.GetElapsedTime(last) < GoodWhile)
                return;
            _said[key] = Stopwatch.GetTimestamp();
        }

        notice($"logs: {text}");
    }
}
