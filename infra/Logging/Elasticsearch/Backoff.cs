namespace Broker.Logging.Elasticsearch;

/// <summary>
/// How long to wait before the server is asked again: half a second doubling to 30 s, between half and all of it by chance, so that a fleet
/// does not ask as one; never less than the server wants, up to 5 minutes.
/// </summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWanted = TimeSpan.FromMinutes(5);

    private int _failures;

    public TimeSpan Next(TimeSpan? wanted)
    {
        var whole = First * Math.Pow(2, Math.Min(_failures++, 16));
        var delay = (whole < Longest ? whole : Longest) * (0.5 + (Random.Shared.NextDouble() / 2));
        return wanted is { } least && least > delay ? least < LongestWanted ? least : LongestWanted : delay;
    }

    public void Reset() => _failures = 0;
}
