using Broker.Contracts;

namespace Broker.Tests.Handlers;

/// <summary>Writes a file when it starts, and ends when a test opens the gate: no timing needed.</summary>
/// <param name="Folder">Where <c>begun-NUMBER-PID</c> is written and <c>open</c> is waited for.</param>
/// <param name="Number">Returned.</param>
public sealed record Gated(string Folder, long Number) : IJob<GatePassed>
{
    public static string Kind => KindSuffix.Of("gated");
}

public sealed record GatePassed(long Number, int ProcessId);

public sealed class GatedHandler : IJobHandler<Gated, GatePassed>
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    public async Task<GatePassed> HandleAsync(Gated args, JobContext job)
    {
        await File.WriteAllTextAsync(Path.Combine(args.Folder, $"begun-{args.Number}-{Environment.ProcessId}"), "", CancellationToken.None);
        // A test that has ended has deleted its folder, and the gate would never open.
        while (!File.Exists(Path.Combine(args.Folder, "open")) && Directory.Exists(args.Folder))
            await Task.Delay(Look, job.CancellationToken);
        return new GatePassed(args.Number, Environment.ProcessId);
    }
}
