using Broker.Connection;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Bus;

/// <summary>
/// Logs when the broker has confirmed nothing for a while although messages wait, and when it confirms again. Under a memory or disk alarm
/// there is no other sign: publishes only wait. Watches confirmations, not the connection, which the bus creates and replaces.
/// </summary>
internal sealed class BlockedWatch : IDisposable
{
    private static readonly TimeSpan BlockedAfter = TimeSpan.FromSeconds(5);

    private readonly BrokerAddress _address;
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private long _pending;
    private long _lastSign;
    private int _blocked;

    public BlockedWatch(BrokerAddress address, ILogger log, TimeProvider clock)
    {
        _address = address;
        _log = log;
        _clock = clock;
        _timer = clock.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A message is being sent.</summary>
    public void Sending()
    {
        if (Interlocked.Increment(ref _pending) > 1)
            return;
        Volatile.Write(ref _lastSign, _clock.GetTimestamp());
        _timer.Change(BlockedAfter, Timeout.InfiniteTimeSpan);
    }

    /// <summary>It was confirmed, or its sender has given up.</summary>
    public void Ended(bool confirmed)
    {
        Interlocked.Decrement(ref _pending);
        if (!confirmed)
            return;
        Volatile.Write(ref _lastSign, _clock.GetTimestamp());
        if (Volatile.Read(ref _blocked) == 1 && Interlocked.Exchange(ref _blocked, 0) == 1)
            _log.LogInformation(EventActions.BrokerUnblocked, "{Broker} confirms messages again", _address);
    }

    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        var waiting = Interlocked.Read(ref _pending);
        if (waiting <= 0)
            return;
        var silent = _clock.GetElapsedTime(Volatile.Read(ref _lastSign));
        if (silent >= BlockedAfter && Interlocked.Exchange(ref _blocked, 1) == 0)
            _log.LogWarning(EventActions.BrokerBlocked, "{Broker} has confirmed nothing for {Seconds:0} s while {Waiting} messages wait: is it unavailable, or short of memory or disk (rabbitmq-diagnostics alarms)?", _address, silent.TotalSeconds, waiting);
        _timer.Change(silent >= BlockedAfter ? BlockedAfter : BlockedAfter - silent, Timeout.InfiniteTimeSpan);
    }
}
