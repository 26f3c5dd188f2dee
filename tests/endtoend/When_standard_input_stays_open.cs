using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_standard_input_stays_open(When_standard_input_stays_open.Fleet fleet) : IClassFixture<When_standard_input_stays_open.Fleet>
{
    private readonly ConsumerFleet _fleet = fleet.Require();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_producer(string signal)
    {
        await using var producer = Programs.StartProducer(["map", _fleet.Kind("pair"), "-f", "-"], keepInput: true);
        await producer.Input.WriteAsync("[1,2]\n[3,4]\n");
        await producer.Input.FlushAsync();
        await producer.WaitForOutputAsync(text => text == "\"1/2\"\n\"3/4\"\n", "two results");
        producer.Signal(signal);
        var end = await producer.EndAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(("\"1/2\"\n\"3/4\"\n", 130), (end.Output, end.ExitCode));
    }

    [Fact]
    public async Task The_deadline_ends_the_producer()
    {
        await using var producer = Programs.StartProducer(["map", _fleet.Kind("pair"), "-f", "-", "--deadline", "1s"], keepInput: true);
        Assert.Equal(124, (await producer.EndAsync(TimeSpan.FromSeconds(10))).ExitCode);
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["pair"] };
    }
}
