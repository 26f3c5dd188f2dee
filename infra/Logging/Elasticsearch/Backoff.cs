namespace Broker.Logging.Elasticsearch;

/// <summary>
/// The delay before a retry: 0.5 s doubling to 30 s, with a random factor of 0.5 to 1 so that a fleet
/// does not retry at the same moment; not less than the server's Retry-After, up to 5 minutes.
/// </summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromMinutes(5);

    private int _failures;

    public TimeSpan Next(TimeSpan? wanted)
    {
        var whole = First * Math.Pow(2, Math.Min(_failures++, 16));
        var delay = (whole < MaxDelay ? whole : MaxDelay) * (0.5 + (Random.Shared.NextDouble() / 2));
        return wanted is { } least && least > delay ? least < MaxRetryAfter ? least : MaxRetryAfter : delay;
    }

    public void Reset() => _failures = 0;
}
