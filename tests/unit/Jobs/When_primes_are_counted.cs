using Broker.Consumer.Jobs;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Jobs;

public sealed class When_primes_are_counted
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 2, 0)]
    [InlineData(0, 3, 1)]
    [InlineData(2, 3, 1)]
    [InlineData(0, 100, 25)]
    [InlineData(7, 7, 0)]
    [InlineData(7, 8, 1)]
    [InlineData(24, 29, 0)]
    [InlineData(0, 1_000_000, 78_498)]
    [InlineData(0, 10_000_000, 664_579)]
    [InlineData(121, 122, 0)]
    [InlineData(999_999_999_989, 999_999_999_990, 1)]
    [InlineData(999_999_000_000, 1_000_000_000_000, 36_400)]
    public async Task The_counts_of_known_ranges_are_correct(long from, long to, long count) => Assert.Equal(count, await CountAsync(from, to));

    [Fact]
    public async Task Parts_of_a_range_add_up_across_sieve_segments()
    {
        long sum = 0;
        for (var low = 0L; low < 1_000_000; low += 131_071)
            sum += await CountAsync(low, Math.Min(low + 131_071, 1_000_000));
        Assert.Equal(78_498, sum);
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(5, 4)]
    [InlineData(0, 1_000_000_000_001)]
    public async Task An_invalid_range_is_refused(long from, long to) => await Assert.ThrowsAsync<JobRejectedException>(() => CountAsync(from, to));

    [Fact]
    public async Task A_cancelled_count_ends()
    {
        var context = new JobContext { JobId = Guid.NewGuid(), Logger = NullLogger.Instance, CancellationToken = new CancellationToken(canceled: true) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new CountPrimesHandler().HandleAsync(new CountPrimes(0, 1_000_000_000), context));
    }

    [Fact]
    public async Task How_far_it_is_is_reported()
    {
        var reports = new Reports();
        await new CountPrimesHandler().HandleAsync(new CountPrimes(0, 1_000_000), new JobContext { JobId = Guid.NewGuid(), Logger = NullLogger.Instance, Progress = reports });
        Assert.Equal((1.0, "78498 primes below 1000000"), reports.All[^1]);
        Assert.Equal(reports.All.Select(report => report.Fraction).Order(), reports.All.Select(report => report.Fraction));
        Assert.InRange(reports.All[0].Fraction!.Value, 0.1, 0.2);
    }

    private static Task<long> CountAsync(long from, long to) =>
        new CountPrimesHandler().HandleAsync(new CountPrimes(from, to), new JobContext { JobId = Guid.NewGuid(), Logger = NullLogger.Instance });
}
