using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>One call as a <see cref="SilenceWatch"/> sees it.</summary>
internal sealed class SilentCall(string kind, Batch batch, TimeProvider clock, Action ended) : IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    /// <summary>A call whose job runs for hours is looked after no more often than this.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(30);

    private long _silentSince;
    private long? _oldest;
    private long _oldestSince;
    private long _looked;
    private TimeSpan _interval = SilenceWatch.LookEvery;
    private KindTrace? _before;
    private IReadOnlyList<RunJob> _absent = [];
    private IReadOnlyList<RunJob> _missing = [];
    private Task _sending = Task.CompletedTask;

    public string Kind => kind;

    public Batch Batch => batch;

    /// <summary>
    /// Whether it has waited for long without a sign, or for long for the same job although others are answered, and was not looked for lately. Silence is looked
    /// into at once; a job that others pass mostly just takes longer, so the looks of a call that goes on become rarer.
    /// </summary>
    public bool IsDue
    {
        get
        {
            if (batch.Oldest is not { } oldest || !_sending.IsCompleted)
                return false;
            if (oldest != _oldest)
                (_oldest, _oldestSince) = (oldest, clock.GetTimestamp());
            var sign = batch.LastSign;
            var silent = clock.GetElapsedTime(sign) >= Silence;
            if (silent && sign != _silentSince)
                (_silentSince, _looked, _interval) = (sign, 0, SilenceWatch.LookEvery);
            return (silent || clock.GetElapsedTime(_oldestSince) >= Silence)
                && (_looked == 0 || clock.GetElapsedTime(_looked) >= _interval - TimeSpan.FromMilliseconds(100));
        }
    }

    /// <summary>
    /// Its jobs were looked for; returns those that are lost: twice in a row no consumer ran them, and they were not on the queue, which was empty or had moved on
    /// by all that it held at an earlier look. One such look could miss a job that is being returned.
    /// </summary>
    /// <param name="pending">The jobs that the broker had before the look.</param>
    /// <param name="trace">What was seen; null where that is unknown.</param>
    public IReadOnlyList<RunJob> Looked(IReadOnlyList<PendingJob> pending, KindTrace? trace)
    {
        _looked = clock.GetTimestamp();
        var absent = trace is { IsWhole: true } ? Unanswered(trace.NotHeld(batch.Id, pending)) : [];
        if (absent.Count == 0)
        {
            Forget();
            LookLess();
            return [];
        }

        // A process that has ended since may just have returned what it ran.
        if (_before is { } seen && trace!.Misses(seen))
        {
            (_before, _absent, _missing) = (trace, absent, []);
            return [];
        }

        var isPast = _before is { } before && trace!.IsPast(before);
        if (trace!.Ready > 0 && !isPast)
        {
            if (_before is not null)
                LookLess();
            else
                (_before, _absent) = (trace, absent);
            return [];
        }

        var missing = trace.Ready == 0 ? absent : [.. Both(absent, _absent)];
        var lost = Both(missing, _missing).ToList();
        (_before, _absent, _missing, _interval) = (trace, absent, missing, SilenceWatch.LookEvery);
        return lost;
    }

    /// <summary>Sends jobs again.</summary>
    public void SendAgain(IReadOnlyList<RunJob> jobs)
    {
        Forget();
        _sending = batch.SendAgainAsync(jobs);
    }

    /// <summary>All that is not answered: where their outcomes would go is gone.</summary>
    public IReadOnlyList<RunJob> AllPending => [.. batch.Pending.Select(job => job.Message)];

    public void Dispose() => ended();

    private void Forget() => (_before, _absent, _missing) = (null, [], []);

    private static IEnumerable<RunJob> Both(IReadOnlyList<RunJob> one, IReadOnlyList<RunJob> other) => one.Intersect<RunJob>(other, ReferenceEqualityComparer.Instance);

    private void LookLess() => _interval = _interval * 1.5 < LongestInterval ? _interval * 1.5 : LongestInterval;

    private IReadOnlyList<RunJob> Unanswered(IReadOnlyList<RunJob> jobs) => [.. Both(jobs, AllPending)];
}
