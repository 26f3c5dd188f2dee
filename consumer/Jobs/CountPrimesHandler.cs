using System.Globalization;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Broker.Logging.Spool;

namespace Broker.Consumer.Jobs;

/// <summary>Segmented sieve of Eratosthenes: memory for one segment, whatever the range.</summary>
internal sealed class CountPrimesHandler : IJobHandler<CountPrimes, long>
{
    private const long Largest = 1_000_000_000_000;
    private const int Segment = 1 << 17;

    public Task<long> HandleAsync(CountPrimes args, JobContext job)
    {
        if (args.From < 0 || args.To > Largest || args.From > args.To)
            throw new JobRejectedException($"a range goes from 0 or more to at most 10^12, not from {args.From} to {args.To}");
        return Task.FromResult(Count(args.From, args.To, job));
    }

    private static long Count(long from, long to, JobContext job)
    {
        var divisors = PrimesUpTo((int)Math.Sqrt(to) + 1);
        var composite = new bool[Segment];
        long count = 0;
        for (var low = Math.Max(from, 2); low < to; low += Segment)
        {
            job.CancellationToken.ThrowIfCancellationRequested();
            var length = (int)Math.Min(Segment, to - low);
            Array.Clear(composite, 0, length);
            foreach (var prime in divisors)
            {
                var square = (long)prime * prime;
                if (square >= low + length)
                    break;
                for (var multiple = Math.Max(square, (low + prime - 1) / prime * prime); multiple < low + length; multiple += prime)
                    composite[multiple - low] = true;
            }

            count += composite.AsSpan(0, length).Count(false);
            job.ReportProgress((low + length - from) / (double)(to - from), string.Create(CultureInfo.InvariantCulture, $"{count} primes below {low + length}"));
        }

        return count;
    }

    private static List<int> PrimesUpTo(int limit)
    {
        var composite = new bool[limit + 1];
        var primes = new List<int>();
        for (var n = 2; n <= limit; n++)
        {
            if (composite[n])
                continue;
            primes.Add(n);
            for (var multiple = (long)n * n; multiple <= limit; multiple += n)
                composite[multiple] = true;
        }

        return primes;
    }
}
