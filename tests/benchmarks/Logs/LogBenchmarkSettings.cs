namespace Broker.Benchmarks.Logs;

/// <param name="Rounds">Rounds that count, after one that warms up.</param>
/// <param name="Events">Events a round, on each side.</param>
/// <param name="MemoryEvents">Events for the memory.</param>
internal sealed record LogBenchmarkSettings(int Rounds = 5, int Events = 50_000, int MemoryEvents = 1_000_000)
{
    public static readonly LogBenchmarkSettings Quick = new(1, 5_000, 100_000);
}
