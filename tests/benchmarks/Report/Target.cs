using System.Globalization;

namespace Broker.Benchmarks.Report;

/// <summary>A target, and whether this run met it, by the median.</summary>
internal sealed record Target(string Promise, double Found, double Bound, bool AtLeast)
{
    public bool Met => AtLeast ? Found >= Bound : Found <= Bound;

    public static IEnumerable<Target> All(Findings findings) =>
    [
        new("round trips of ours over the raw client's", findings.OurRoundTrips.Over(findings.RawRoundTrips).Median, 0.5, AtLeast: true),
        new("items per second with chunks over one item per message", findings.Items.Over(findings.OurRoundTrips).Median, 40, AtLeast: true),
        new("median call of ours over the raw client's", findings.OurCallMedian.Over(findings.RawCallMedian).Median, 2, AtLeast: false),
        new("seconds of a cold call", findings.ColdCall.Median / 1000, 0.5, AtLeast: false),
    ];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"target {(Met ? "met" : "missed")}: {Promise}: {Found:0.##}, {(AtLeast ? "at least" : "at most")} {Bound:0.##}");
}
