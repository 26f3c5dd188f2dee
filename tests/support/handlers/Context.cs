using Broker.Contracts;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Handlers;

/// <summary>Returns the handler's context, and logs its note.</summary>
public sealed record Context(string Note) : IJob<ContextSeen>
{
    public static string Kind => KindSuffix.Of("context");
}

public sealed record ContextSeen(string Note, Guid JobId, Guid? BatchId, long Index, int Attempt, int ProcessId);

public sealed class ContextHandler : IJobHandler<Context, ContextSeen>
{
    public Task<ContextSeen> HandleAsync(Context args, JobContext job)
    {
        job.Logger.LogInformation("the handler notes {Note}", args.Note);
        return Task.FromResult(new ContextSeen(args.Note, job.JobId, job.BatchId, job.Index, job.Attempt, Environment.ProcessId));
    }
}
