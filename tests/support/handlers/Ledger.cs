using Broker.Contracts;

namespace Broker.Tests.Handlers;

/// <summary>Notes that it runs, and takes its time: a test counts the runs of each item.</summary>
/// <param name="Folder">Where the notes are written, a file a process.</param>
/// <param name="Number">The item.</param>
/// <param name="Milliseconds">How long it takes.</param>
public sealed record Ledger(string Folder, long Number, int Milliseconds) : IJob<long>
{
    public static string Kind => KindSuffix.Of("ledger");
}

public sealed class LedgerHandler : IJobHandler<Ledger, long>
{
    private static readonly Lock Writing = new();

    public async Task<long> HandleAsync(Ledger args, JobContext job)
    {
        lock (Writing)
            File.AppendAllText(Path.Combine(args.Folder, $"runs-{Environment.ProcessId}"), $"{args.Number}\n");
        await Task.Delay(args.Milliseconds, job.CancellationToken);
        return 2 * args.Number;
    }
}
