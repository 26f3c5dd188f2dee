using Broker.Contracts;

namespace Broker.Tests.Twins;

/// <summary>A kind with two handlers, with which a consumer must not start.</summary>
public sealed record Twin(long Number) : IJob<long>
{
    public static string Kind => "twin";
}

public sealed class FirstTwinHandler : IJobHandler<Twin, long>
{
    public Task<long> HandleAsync(Twin args, JobContext job) => Task.FromResult(1L);
}

public sealed class SecondTwinHandler : IJobHandler<Twin, long>
{
    public Task<long> HandleAsync(Twin args, JobContext job) => Task.FromResult(2L);
}
