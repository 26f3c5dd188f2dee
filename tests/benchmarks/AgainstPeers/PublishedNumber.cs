using Broker.Contracts;

namespace Broker.Benchmarks.AgainstPeers;

/// <summary>A job that no consumer serves: it is only published.</summary>
internal sealed record PublishedNumber(long Number) : IJob<long>
{
    public static string Kind => "benchmark-publish";
}
