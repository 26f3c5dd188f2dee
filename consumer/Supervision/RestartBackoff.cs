namespace Broker.Consumer.Supervision;

/// <summary>The delay before a child is restarted: doubling from 0.2 s to 30 s, reset after a minute without a crash.</summary>
internal sealed class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <param name="lived">How long the child ran.</param>
    public TimeSpan After(TimeSpan lived)
    {
        if (lived > Healthy)
            _next = First;
        var delay = _next;
        _next = _next * 2 < MaxDelay ? _next * 2 : MaxDelay;
        return delay;
    }
}
