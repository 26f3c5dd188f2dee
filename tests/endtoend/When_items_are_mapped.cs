using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_items_are_mapped(When_items_are_mapped.Fleet fleet) : IClassFixture<When_items_are_mapped.Fleet>
{
    private readonly ConsumerFleet _fleet = fleet.Require();

    [Fact]
    public async Task Results_come_on_stdout_in_the_order_of_the_items()
    {
        var end = await Programs.RunProducerAsync("map", _fleet.Kind("reversed"), "a b c", "d e");
        Assert.Equal(("\"c b a\"\n\"e d\"\n", 0), (end.Output, end.ExitCode));
        Assert.Empty(end.Error);
    }

    public sealed class Fleet : FleetFixture
    {
        protected override FleetPlan Plan => new() { Kinds = ["reversed"], Processes = 2 };
    }
}
