using Broker.Benchmarks.Report;

namespace Broker.Benchmarks.Processes;

/// <summary>
/// The CPU time of a run, in this process and in the worker. Unlike the duration, it depends little on other load: that makes a
/// run slower, but hardly increases its CPU time.
/// </summary>
internal sealed class CpuCost
{
    private readonly WorkerProcess _worker;
    private readonly TimeSpan _clientBefore = Environment.CpuUsage.TotalTime;
    private readonly TimeSpan _workerBefore;

    private CpuCost(WorkerProcess worker)
    {
        _worker = worker;
        _workerBefore = worker.Cpu;
    }

    public static CpuCost Begin(WorkerProcess worker) => new(worker);

    /// <summary>Adds microseconds per job.</summary>
    public void End(int jobs, Samples client, Samples worker)
    {
        client.Add((Environment.CpuUsage.TotalTime - _clientBefore).TotalMicroseconds / jobs);
        worker.Add((_worker.Cpu - _workerBefore).TotalMicroseconds / jobs);
    }
}
