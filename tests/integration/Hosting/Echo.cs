using Broker.Contracts;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Hosting;

/// <summary>A job that a host in this process runs.</summary>
internal sealed record Echo(int Number) : IJob<int>
{
    private static readonly string Suffix = FleetPlan.NewSuffix();

    public static string Kind => $"echo-{Suffix}";
}

internal sealed class EchoHandler : IJobHandler<Echo, int>
{
    public Task<int> HandleAsync(Echo args, JobContext job) => Task.FromResult(args.Number);
}
