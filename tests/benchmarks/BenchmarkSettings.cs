namespace Broker.Benchmarks;

/// <summary>The amount of work. Prefetch and window are the same for the raw client and for ours.</summary>
internal sealed record BenchmarkSettings
{
    public static readonly BenchmarkSettings Quick = new() { Rounds = 1, Jobs = 2_000, Items = 30_000, Calls = 50, CallBlock = 25, ColdStarts = 1 };

    /// <summary>Measured rounds. Each measures everything once, in an order that alternates.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Jobs that a worker holds unacknowledged: the prefetch limit.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>Jobs sent and not yet answered.</summary>
    public int Window { get; init; } = 512;

    /// <summary>Round trips per round, one item per message.</summary>
    public int Jobs { get; init; } = 20_000;

    /// <summary>Items per round, in chunks that the pool chooses.</summary>
    public int Items { get; init; } = 300_000;

    /// <summary>Calls per round, one at a time.</summary>
    public int Calls { get; init; } = 500;

    /// <summary>Calls before the sides alternate, so that both run under the same load of the machine.</summary>
    public int CallBlock { get; init; } = 50;

    /// <summary>Cold starts per round and program.</summary>
    public int ColdStarts { get; init; } = 3;
}
