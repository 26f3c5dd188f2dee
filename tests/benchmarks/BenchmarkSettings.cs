namespace Broker.Benchmarks;

/// <summary>How much is measured. Whatever bounds what is in flight is the same for the raw client and for ours.</summary>
internal sealed record BenchmarkSettings
{
    public static readonly BenchmarkSettings Quick = new() { Rounds = 1, Jobs = 2_000, Items = 30_000, Calls = 50, CallBlock = 25, ColdStarts = 1 };

    /// <summary>Rounds that count. Each measures everything once, in an order that turns round by round.</summary>
    public int Rounds { get; init; } = 7;

    /// <summary>Jobs that a worker holds unacknowledged: the prefetch limit.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>Jobs sent and not yet answered.</summary>
    public int Window { get; init; } = 512;

    /// <summary>Round trips a round, one item a message.</summary>
    public int Jobs { get; init; } = 20_000;

    /// <summary>Items a round, in chunks that the pool chooses.</summary>
    public int Items { get; init; } = 300_000;

    /// <summary>Calls a round, one at a time.</summary>
    public int Calls { get; init; } = 500;

    /// <summary>After so many calls the other side has its turn, so that both see the same machine.</summary>
    public int CallBlock { get; init; } = 50;

    /// <summary>Cold starts a round, of each program.</summary>
    public int ColdStarts { get; init; } = 3;
}
