namespace Broker.Benchmarks;

/// <summary>Checks the results: a fast but wrong side must not be measured.</summary>
internal static class DoubledSum
{
    /// <exception cref="InvalidOperationException"><paramref name="sum"/> is not that of 0 to <paramref name="count"/> - 1, doubled.</exception>
    public static void Check(long sum, long count)
    {
        var expected = count * (count - 1);
        if (sum != expected)
            throw new InvalidOperationException($"the results of {count} jobs add up to {sum}, not {expected}");
    }
}
