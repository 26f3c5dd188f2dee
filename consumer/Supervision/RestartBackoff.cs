namespace Broker.Consumer.Supervision;

/// <summary>
/// The delay before a child is restarted: doubling from 0.2 s to 30 s for one that does not get ready. One that was ready has most probably been ended by a job,
/// which is given up after some crashes: the delay begins anew.
/// </summary>
internal sealed class RestartBackoff
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(30);
    private TimeSpan _next = First;

    /// <param name="wasReady">Whether the child that ended was ready once.</param>
    public TimeSpan After(bool wasReady)
    {
        if (wasReady)
            _next = First;
        var delay = _next;
        _next = _next * 2 < MaxDelay ? _next * 2 : MaxDelay;
        return delay;
    }
}
