using Broker.Contracts.Messages;

namespace Broker.Hosting.Execution;

/// <summary>A kind as this process serves it.</summary>
/// <param name="runner">Runs its items.</param>
/// <param name="concurrency">How many of its jobs run here at once at most.</param>
internal sealed class HostedKind(KindRunner runner, int concurrency)
{
    private long _completed;
    private long _failed;

    public string Kind => runner.Kind;

    public KindRunner Runner => runner;

    public int Concurrency => concurrency;

    /// <summary>Counts items that have their outcome, the failed ones among them.</summary>
    public void Finished(int items, int failed)
    {
        Interlocked.Add(ref _completed, items);
        Interlocked.Add(ref _failed, failed);
    }

    public ServedKind Describe(int running) => new()
    {
        Kind = Kind,
        Concurrency = concurrency,
        Running = running,
        Completed = Interlocked.Read(ref _completed),
        Failed = Interlocked.Read(ref _failed),
        ArgsSchema = runner.Schema,
        Signature = runner.Signature,
    };
}
