using Broker.Contracts;

namespace Broker.Tests.Handlers;

/// <summary>As <see cref="Gated"/>, and reports how far it is.</summary>
public sealed record Reading(string Folder, long Number) : IJob<GatePassed>
{
    public static string Kind => KindSuffix.Of("reading");
}

public sealed class ReadingHandler : IJobHandler<Reading, GatePassed>
{
    public Task<GatePassed> HandleAsync(Reading args, JobContext job)
    {
        job.ReportProgress(0.42, "page 3 of 7");
        return new GatedHandler().HandleAsync(new Gated(args.Folder, args.Number), job);
    }
}
