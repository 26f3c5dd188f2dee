using Broker.Contracts.Messages;

namespace Broker.Pool;

/// <summary>
/// The sender's side of a batch: which jobs, that is which runs of indices, are sent and not wholly answered. A job leaves the window with
/// the last of its indices, under whatever job ids they were answered.
/// </summary>
internal sealed class InFlightJobs(InFlightWindow window, TimeProvider clock)
{
    /// <summary>What a job may take from the end of its delay to its queue.</summary>
    private static readonly TimeSpan DelayMargin = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();

    /// <summary>By first index, ascending: the feed sends them so. Those that are done stay until half of all are, then they go at once.</summary>
    private readonly List<Job> _jobs = [];
    private int _done;

    /// <summary>The jobs that the broker has confirmed, that are not wholly answered and that are not delayed.</summary>
    public IReadOnlyList<PendingJob> Pending
    {
        get
        {
            lock (_lock)
                return [.. _jobs.Where(IsPending).Select(job => new PendingJob(job.First, job.Span, job.Message!))];
        }
    }

    /// <summary>The first index of the first of <see cref="Pending"/>; null where there is none.</summary>
    public long? Oldest
    {
        get
        {
            lock (_lock)
                return _jobs.Find(IsPending)?.First;
        }
    }

    /// <summary>How many jobs are kept, those that are done among them.</summary>
    public int Kept
    {
        get
        {
            lock (_lock)
                return _jobs.Count;
        }
    }

    /// <summary>Whether all that was sent, or is just being sent, is answered.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _done == _jobs.Count;
        }
    }

    /// <summary>A job is about to be sent; its indices lie behind those of all before it.</summary>
    /// <param name="message">Kept until it is answered, to be sent again.</param>
    /// <param name="count">How many items it has.</param>
    /// <param name="bytes">What it takes of the window.</param>
    public void Add(RunJob message, int count, int bytes)
    {
        var first = message.Indices[0];
        lock (_lock)
            _jobs.Add(new Job(first, message.Indices[count - 1] + 1 - first, count, bytes) { Message = message });
    }

    /// <summary>The items as they were sent, of indices that are neighbours and not yet answered.</summary>
    public ReadOnlyMemory<byte>[] ItemsOf(long first, int count)
    {
        var items = new ReadOnlyMemory<byte>[count];
        lock (_lock)
        {
            for (var at = IndexOf(first); at < _jobs.Count && _jobs[at].First < first + count; at++)
            {
                if (_jobs[at].Message is { } message)
                    Copy(message, _jobs[at].Count, first, items);
            }
        }

        return items;
    }

    /// <summary>The broker has the job with this first index.</summary>
    public void Confirmed(long first) => Mark(first, static job => job.IsConfirmed = true);

    /// <summary>The job with this first index is sent a second time, and may be there twice.</summary>
    public void SentAgain(long first) => Mark(first, static job => job.IsSentAgain = true);

    /// <summary>Items are tried again after <paramref name="delay"/>: until then their jobs are nowhere to be seen.</summary>
    public void Delay(IEnumerable<(long First, int Count)> runs, TimeSpan delay)
    {
        var due = clock.GetUtcNow() + delay + DelayMargin;
        lock (_lock)
        {
            foreach (var (first, count) in runs)
            {
                for (var at = IndexOf(first); at < _jobs.Count && _jobs[at].First < first + count; at++)
                    _jobs[at].DelayedUntil = _jobs[at].DelayedUntil > due ? _jobs[at].DelayedUntil : due;
            }
        }
    }

    /// <summary>Indices were answered for the first time.</summary>
    /// <returns>The ids of jobs that were sent twice and are wholly answered now.</returns>
    public IReadOnlyList<Guid> Answered(CompletedChunk chunk)
    {
        window.Arrived(chunk.Bytes);
        var end = chunk.FirstIndex + chunk.Count;
        List<Guid>? copied = null;
        lock (_lock)
        {
            for (var at = IndexOf(chunk.FirstIndex); at < _jobs.Count && _jobs[at].First < end; at++)
            {
                var job = _jobs[at];
                var items = (int)(Math.Min(end, job.First + job.Span) - Math.Max(chunk.FirstIndex, job.First));
                job.Remaining -= items;
                job.OutcomeBytes += chunk.Bytes * items / chunk.Count;
                if (job.Remaining > 0)
                    continue;
                if (job.IsSentAgain)
                    (copied ??= []).Add(job.Message!.JobId);
                job.Message = null;
                _done++;
                window.Left(job.Bytes, job.OutcomeBytes);
            }

            if (_done > 32 && _done > _jobs.Count / 2)
            {
                _jobs.RemoveAll(job => job.Remaining == 0);
                _done = 0;
            }
        }

        return copied ?? (IReadOnlyList<Guid>)[];
    }

    private void Mark(long first, Action<Job> mark)
    {
        lock (_lock)
        {
            var at = IndexOf(first);
            if (at < _jobs.Count && _jobs[at].First == first)
                mark(_jobs[at]);
        }
    }

    private bool IsPending(Job job) => job.Remaining > 0 && job.IsConfirmed && job.DelayedUntil <= clock.GetUtcNow();

    /// <summary>The first job that ends behind <paramref name="index"/>.</summary>
    private int IndexOf(long index)
    {
        var (low, high) = (0, _jobs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_jobs[middle].First + _jobs[middle].Span <= index)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private static void Copy(RunJob message, int count, long first, ReadOnlyMemory<byte>[] items)
    {
        var places = new (int Start, int End)[count];
        JsonElements.Locate(message.Items.Utf8.Span, places);
        var offset = 0;
        foreach (var run in message.Indices.Runs(count))
        {
            for (var item = 0; item < run.Count; item++, offset++)
            {
                if (run.First + item - first is >= 0 and var place && place < items.Length)
                    items[place] = message.Items.Utf8[places[offset].Start..places[offset].End];
            }
        }
    }

    private sealed record Job(long First, long Span, int Count, int Bytes)
    {
        public int Remaining { get; set; } = Count;

        public long OutcomeBytes { get; set; }

        public bool IsConfirmed { get; set; }

        public bool IsSentAgain { get; set; }

        public DateTimeOffset DelayedUntil { get; set; } = DateTimeOffset.MinValue;

        public RunJob? Message { get; set; }
    }
}

/// <summary>A job that the broker has and of which not every item is answered.</summary>
/// <param name="First">The index of its first item.</param>
/// <param name="Count">How many indices it spans; those of items that were skipped among them.</param>
/// <param name="Message">As it was sent.</param>
internal sealed record PendingJob(long First, long Count, RunJob Message);
