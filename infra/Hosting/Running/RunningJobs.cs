using System.Collections.Concurrent;
using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Running;

/// <summary>The one registry of what this process holds: status reads it, the watchdog counts by it, a stop and a cancellation end jobs by it.</summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<RunningJob, byte> _jobs = new();
    private int _stopped;

    public int Count => _jobs.Count;

    /// <summary>Told of each report of a job whose caller wants to know.</summary>
    public Action<RunningJob>? Reported { get; set; }

    /// <summary>How many jobs of a kind run here or wait for their turn.</summary>
    public int CountOf(string kind) => Of(kind).Count();

    /// <summary>The jobs of a kind that run here or wait for their turn.</summary>
    public IEnumerable<RunningJob> Of(string kind) => _jobs.Keys.Where(job => job.Kind == kind);

    /// <summary>Who waits for jobs that are held here.</summary>
    public IReadOnlySet<string> Callers() => _jobs.Keys.Select(job => job.ReplyTo).OfType<string>().ToHashSet();

    /// <summary>Enters a job that was received; dispose the result when it has ended.</summary>
    /// <param name="job">The job.</param>
    /// <param name="count">How many items it has.</param>
    /// <param name="connectionLost">Cancels it with <see cref="CancellationCause.ConnectionLost"/>.</param>
    public RunningJob Enter(RunJob job, int count, CancellationToken connectionLost)
    {
        var running = new RunningJob(job, count, ended => _jobs.TryRemove(ended, out _), connectionLost)
        {
            Reported = job is { WantsProgress: true, ReplyTo: not null } ? Reported : null,
        };
        _jobs[running] = 0;
        // One that comes in while all are being stopped must not be the one that is missed.
        if (Volatile.Read(ref _stopped) == 1)
            running.Cancel(CancellationCause.Shutdown);
        return running;
    }

    /// <summary>Ends the jobs that <paramref name="which"/> names: by job, by batch, by kind.</summary>
    /// <returns>How many; those that end already are not counted.</returns>
    public int Cancel(Func<RunningJob, bool> which, CancellationCause cause)
    {
        var cancelled = 0;
        foreach (var job in _jobs.Keys.Where(which))
            cancelled += job.Cancel(cause) ? 1 : 0;
        return cancelled;
    }

    /// <summary>Ends all, and whatever comes in from now on: the process stops.</summary>
    public void CancelAll()
    {
        Volatile.Write(ref _stopped, 1);
        Cancel(static _ => true, CancellationCause.Shutdown);
    }
}
