namespace Broker.Consumer.Supervision;

/// <summary>How long to wait before a child is started again: doubling from 0.2 s to 30 s, from the beginning again after a minute of health.</summary>
internal sealed class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <param name="lived">How long the child lived.</param>
    public TimeSpan After(TimeSpan lived)
    {
        if (lived > Healthy)
            _next = First;
        var delay = _next;
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return delay;
    }
}
