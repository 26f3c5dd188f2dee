namespace Broker.Contracts.BuiltIn;

/// <summary>How many primes lie in a range: a job that is all processor.</summary>
/// <param name="From">First number of the range, 0 or more.</param>
/// <param name="To">One past its last number; at most 10^12.</param>
public sealed record CountPrimes(long From, long To) : IJob<long>
{
    public static string Kind => "count-primes";
}
