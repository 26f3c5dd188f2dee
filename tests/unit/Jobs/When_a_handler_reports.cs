using Broker.Consumer.Jobs;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Jobs;

public sealed class When_a_handler_reports
{
    private readonly Reports _reports = new();

    [Theory]
    [InlineData(0.42, 0.42)]
    [InlineData(-1, 0.0)]
    [InlineData(7, 1.0)]
    [InlineData(double.PositiveInfinity, 1.0)]
    [InlineData(double.NaN, null)]
    public void A_fraction_is_from_0_to_1_or_not_known(double given, double? reported)
    {
        Context().ReportProgress(given);
        Assert.Equal((reported, null), Assert.Single(_reports.All));
    }

    [Fact]
    public void A_text_is_not_longer_than_can_be_shown()
    {
        Context().ReportProgress(0.5, new string('x', 1_000_000));
        Assert.Equal(200, Assert.Single(_reports.All).Text!.Length);
    }

    [Fact]
    public void Nothing_listens_in_a_context_that_a_test_has_made() => new JobContext { JobId = Guid.NewGuid(), Logger = NullLogger.Instance }.ReportProgress(0.5);

    [Fact]
    public async Task Sleep_tells_what_is_left()
    {
        Assert.Equal(0.6, await new SleepHandler().HandleAsync(new Sleep(TimeSpan.FromSeconds(0.6)), Context()));
        var (fraction, text) = Assert.Single(_reports.All);
        Assert.InRange(fraction!.Value, 0.8, 1);
        Assert.Matches(@"^0\.[01] s left$", text);
    }

    private JobContext Context() => new() { JobId = Guid.NewGuid(), Logger = NullLogger.Instance, Progress = _reports };
}
