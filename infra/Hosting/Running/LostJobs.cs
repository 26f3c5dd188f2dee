using Broker.Contracts.Messages;

namespace Broker.Hosting.Running;

/// <summary>
/// The jobs that living processes lost together with their connections. The broker counts such a loss like a crash; what stands here is taken off its count.
/// </summary>
internal sealed class LostJobs(TimeProvider clock)
{
    /// <summary>Older losses are forgotten beyond this many jobs.</summary>
    private const int Capacity = 10_000;

    private readonly Lock _lock = new();
    private readonly Guid _self = Guid.NewGuid();
    private readonly Dictionary<(Guid JobId, long Index), Dictionary<Guid, int>> _losses = [];
    private readonly Queue<(Guid JobId, long Index)> _oldest = new();
    private TaskCompletionSource _changed = NewSignal();
    private long? _lastLoss;

    /// <summary>Completes when something is learned after this was read.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _changed.Task;
        }
    }

    /// <summary>How long ago this process lost a job.</summary>
    public TimeSpan SinceLastLoss
    {
        get
        {
            lock (_lock)
                return _lastLoss is { } at ? clock.GetElapsedTime(at) : TimeSpan.MaxValue;
        }
    }

    /// <summary>This process lost the job.</summary>
    public void Add(RunJob job)
    {
        lock (_lock)
        {
            _lastLoss = clock.GetTimestamp();
            var losses = Losses(KeyOf(job));
            losses[_self] = losses.GetValueOrDefault(_self) + 1;
        }
    }

    /// <summary>Another process did.</summary>
    public void Learn(LossesKnown answer)
    {
        if (answer.Process == _self)
            return;
        lock (_lock)
        {
            Losses((answer.JobId, answer.Index))[answer.Process] = answer.Times;
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    /// <summary>How often any process is known to have lost the job.</summary>
    public int CountOf(RunJob job)
    {
        lock (_lock)
            return _losses.TryGetValue(KeyOf(job), out var losses) ? losses.Values.Sum() : 0;
    }

    /// <summary>What this process has to answer; null where it never lost the job.</summary>
    public LossesKnown? AnswerTo(AskLosses question)
    {
        lock (_lock)
        {
            return _losses.TryGetValue((question.JobId, question.Index), out var losses) && losses.TryGetValue(_self, out var times)
                ? new LossesKnown { JobId = question.JobId, Index = question.Index, Process = _self, Times = times }
                : null;
        }
    }

    private static (Guid JobId, long Index) KeyOf(RunJob job) => (job.JobId, job.Indices[0]);

    private Dictionary<Guid, int> Losses((Guid JobId, long Index) job)
    {
        if (_losses.TryGetValue(job, out var losses))
            return losses;
        if (_oldest.Count == Capacity)
            _losses.Remove(_oldest.Dequeue());
        _oldest.Enqueue(job);
        return _losses[job] = [];
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
