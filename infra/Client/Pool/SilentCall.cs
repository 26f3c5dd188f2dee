namespace Broker.Pool;

/// <summary>One call as a <see cref="SilenceWatch"/> sees it.</summary>
internal sealed class SilentCall(string kind, Batch batch, TimeProvider clock, Action ended) : IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    /// <summary>A call whose job runs for hours is looked after no more often than this.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(30);

    private long _sign;
    private long _looked;
    private TimeSpan _interval = SilenceWatch.LookEvery;
    private int _missing;
    private KindTrace? _before;
    private Task _sending = Task.CompletedTask;

    public string Kind => kind;

    public Batch Batch => batch;

    /// <summary>Whether it has waited for long without a sign, and was not looked for lately.</summary>
    public bool IsDue
    {
        get
        {
            var sign = batch.LastSign;
            if (sign != _sign)
                (_sign, _looked, _missing, _before, _interval) = (sign, 0, 0, null, SilenceWatch.LookEvery);
            return clock.GetElapsedTime(sign) >= Silence && _sending.IsCompleted && batch.Waits
                && (_looked == 0 || clock.GetElapsedTime(_looked) >= _interval - TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>
    /// Its jobs were looked for; true if they are lost: twice in a row no consumer ran one, and none was on the queue, which was empty or has moved on by all
    /// that it held at an earlier look. One such look could miss a job that is being returned.
    /// </summary>
    /// <param name="trace">What was seen; null where that is unknown.</param>
    public bool Looked(KindTrace? trace)
    {
        _looked = clock.GetTimestamp();
        if (trace is not { IsWhole: true } || trace.Holds(batch.Id) || batch.LastSign != _sign)
        {
            (_missing, _before) = (0, null);
            LookLess();
            return false;
        }

        if (trace.Ready == 0 || (_before is { } before && trace.IsPast(before)))
        {
            (_before, _interval) = (trace, SilenceWatch.LookEvery);
            return ++_missing >= 2;
        }

        if (_before is not null)
            LookLess();
        _before ??= trace;
        return false;
    }

    /// <summary>Sends what is not answered again; returns how many jobs.</summary>
    public int SendAgain()
    {
        (_missing, _before) = (0, null);
        (var jobs, _sending) = batch.SendAgain();
        return jobs;
    }

    public void Dispose() => ended();

    private void LookLess() => _interval = _interval * 1.5 < LongestInterval ? _interval * 1.5 : LongestInterval;
}
