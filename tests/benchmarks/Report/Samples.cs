namespace Broker.Benchmarks.Report;

/// <summary>One figure, measured several times.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public double Median => Percentile(50);

    public double Lowest => _values.Min();

    public double Highest => _values.Max();

    public void Add(double value) => _values.Add(value);

    /// <summary>Interpolates between neighbours, so that the 50th of an even count is their mean.</summary>
    public double Percentile(double percent)
    {
        var sorted = _values.Order().ToArray();
        var position = percent / 100 * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((sorted[above] - sorted[below]) * (position - below));
    }

    /// <summary>This divided by <paramref name="other"/>, pair by pair: both of a pair were measured under the same load.</summary>
    public Samples Over(Samples other)
    {
        var ratios = new Samples();
        foreach (var (value, by) in _values.Zip(other._values))
            ratios.Add(value / by);
        return ratios;
    }

    /// <summary>This minus <paramref name="other"/>, pair by pair.</summary>
    public Samples Less(Samples other)
    {
        var differences = new Samples();
        foreach (var (value, less) in _values.Zip(other._values))
            differences.Add(value - less);
        return differences;
    }
}
