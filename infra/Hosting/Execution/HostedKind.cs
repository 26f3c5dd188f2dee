using Broker.Contracts.Messages;
using Broker.Hosting.Running;

namespace Broker.Hosting.Execution;

/// <summary>A kind as this process serves it.</summary>
/// <param name="runner">Runs its items.</param>
/// <param name="concurrency">How many of its jobs run here at once at most.</param>
internal sealed class HostedKind(KindRunner runner, int concurrency)
{
    private long _taken;
    private long _completed;
    private long _failed;

    public string Kind => runner.Kind;

    public KindRunner Runner => runner;

    public int Concurrency => concurrency;

    /// <summary>Counts a job that was taken off the queue, once it is among the running ones.</summary>
    public void Took() => Interlocked.Increment(ref _taken);

    /// <summary>Counts items that have their outcome, the failed ones among them.</summary>
    public void Finished(int items, int failed)
    {
        Interlocked.Add(ref _completed, items);
        Interlocked.Add(ref _failed, failed);
    }

    /// <summary>Jobs taken off the queue since the process started.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    public ServedKind Describe(RunningJobs running)
    {
        // Before the jobs are listed: one that is counted is among them, or has ended.
        var taken = Interlocked.Read(ref _taken);
        var jobs = running.Of(Kind).Select(job => job.Describe()).ToList();
        return new ServedKind
        {
            Kind = Kind,
            Concurrency = concurrency,
            Running = jobs.Count,
            Jobs = jobs,
            Taken = taken,
            Completed = Interlocked.Read(ref _completed),
            Failed = Interlocked.Read(ref _failed),
            ArgsSchema = runner.Schema,
            Signature = runner.Signature,
        };
    }
}
