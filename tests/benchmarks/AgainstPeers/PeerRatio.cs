using System.Globalization;
using Broker.Benchmarks.Report;

namespace Broker.Benchmarks.AgainstPeers;

/// <summary>One figure of ours and the same of a peer, pair by pair.</summary>
/// <param name="What">What was measured, and its unit.</param>
/// <param name="Bound">The target of ours over theirs; null where there is none.</param>
/// <param name="AtLeast">For rates; times have to be at most the bound.</param>
internal sealed record PeerRatio(string What, double? Bound, bool AtLeast)
{
    private Samples Ours { get; } = new();

    private Samples Theirs { get; } = new();

    public bool Met => Bound is null || (AtLeast ? Ratio.Median >= Bound : Ratio.Median <= Bound);

    private Samples Ratio => Ours.Over(Theirs);

    public void Add(double ours, double theirs)
    {
        Ours.Add(ours);
        Theirs.Add(theirs);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{What,-52} {Figure(Ours.Median),10} {Figure(Theirs.Median),10}   {Ratio.Median,5:0.00} ({Ratio.Lowest:0.00}..{Ratio.Highest:0.00}){Verdict}");

    private string Verdict => Bound is null ? "" : string.Create(CultureInfo.InvariantCulture, $"   {(AtLeast ? ">=" : "<=")} {Bound:0.0}  {(Met ? "met" : "missed")}");

    private static string Figure(double value) => value.ToString(value < 100 ? "0.00" : "0", CultureInfo.InvariantCulture);
}
