using Broker.Benchmarks.Report;

namespace Broker.Benchmarks.Processes;

/// <summary>
/// What a run costs in processor time, in this process and in the worker. It tells what a busy machine hides: another's load makes a
/// run slower, but hardly dearer.
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

    /// <summary>Adds microseconds a job.</summary>
    public void End(int jobs, Samples client, Samples worker)
    {
        client.Add((Environment.CpuUsage.TotalTime - _clientBefore).TotalMicroseconds / jobs);
        worker.Add((_worker.Cpu - _workerBefore).TotalMicroseconds / jobs);
    }
}
