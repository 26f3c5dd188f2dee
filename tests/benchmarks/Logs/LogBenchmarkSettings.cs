namespace Broker.Benchmarks.Logs;

/// <param name="Rounds">Measured rounds, after one warm-up.</param>
/// <param name="Events">Events per round and side.</param>
/// <param name="MemoryEvents">Events of the memory measurement.</param>
internal sealed record LogBenchmarkSettings(int Rounds = 5, int Events = 50_000, int MemoryEvents = 1_000_000)
{
    public static readonly LogBenchmarkSettings Quick = new(1, 5_000, 100_000);
}
