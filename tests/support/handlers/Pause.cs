using Broker.Contracts;

namespace Broker.Tests.Handlers;

/// <summary>Waits, and returns its start and end.</summary>
public sealed record Pause(int Milliseconds, long Number = 0) : IJob<PauseTaken>
{
    public static string Kind => KindSuffix.Of("pause");
}

public sealed record PauseTaken(long Number, int ProcessId, DateTimeOffset From, DateTimeOffset To);

public sealed class PauseHandler : IJobHandler<Pause, PauseTaken>
{
    public async Task<PauseTaken> HandleAsync(Pause args, JobContext job)
    {
        var from = DateTimeOffset.UtcNow;
        await Task.Delay(args.Milliseconds, job.CancellationToken);
        return new PauseTaken(args.Number, Environment.ProcessId, from, DateTimeOffset.UtcNow);
    }
}
