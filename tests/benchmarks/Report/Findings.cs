namespace Broker.Benchmarks.Report;

/// <summary>All measurements of a comparison, one sample per round.</summary>
internal sealed class Findings
{
    public required Machine Machine { get; init; }

    /// <summary>Round trips per second.</summary>
    public Samples RawRoundTrips { get; } = new();

    public Samples OurRoundTrips { get; } = new();

    /// <summary>Microseconds of CPU time per job.</summary>
    public Samples RawClientCpu { get; } = new();

    public Samples RawWorkerCpu { get; } = new();

    public Samples OurClientCpu { get; } = new();

    public Samples OurWorkerCpu { get; } = new();

    /// <summary>Items per second, with chunks.</summary>
    public Samples Items { get; } = new();

    /// <summary>Milliseconds.</summary>
    public Samples RawCallMedian { get; } = new();

    public Samples RawCallTail { get; } = new();

    public Samples OurCallMedian { get; } = new();

    public Samples OurCallTail { get; } = new();

    public Samples ColdNothing { get; } = new();

    public Samples ColdHelp { get; } = new();

    public Samples ColdCall { get; } = new();

    /// <summary>Bytes, over the whole run.</summary>
    public List<(string Process, long Bytes)> PeakMemory { get; } = [];
}
