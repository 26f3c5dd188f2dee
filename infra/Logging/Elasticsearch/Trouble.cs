namespace Broker.Logging.Elasticsearch;

/// <summary>What keeps events from their way, said once and not for each of them.</summary>
internal sealed class Trouble(Action<string>? notice)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _said = [];

    /// <summary>Says something, unless its like was said.</summary>
    public void Say(string text)
    {
        // Up to the first colon it is ours; what follows varies from event to event.
        var key = text.Split(':', 2)[0];
        lock (_lock)
        {
            if (!_said.Add(key))
                return;
        }

        notice?.Invoke($"logs: {text}");
    }
}
