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
                (_sign, _looked, _missing, _interval) = (sign, 0, 0, SilenceWatch.LookEvery);
            return clock.GetElapsedTime(sign) >= Silence && _sending.IsCompleted && batch.Waits
                && (_looked == 0 || clock.GetElapsedTime(_looked) >= _interval - TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>Its jobs were looked for; true if they are lost.</summary>
    public bool Looked(bool mayExist)
    {
        _looked = clock.GetTimestamp();
        if (mayExist || batch.LastSign != _sign)
        {
            _missing = 0;
            _interval = _interval * 1.5 < LongestInterval ? _interval * 1.5 : LongestInterval;
            return false;
        }

        _interval = SilenceWatch.LookEvery;
        return ++_missing >= 2;
    }

    /// <summary>Sends what is not answered again; returns how many jobs.</summary>
    public int SendAgain()
    {
        _missing = 0;
        (var jobs, _sending) = batch.SendAgain();
        return jobs;
    }

    public void Dispose() => ended();
}
