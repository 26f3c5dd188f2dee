using Broker.Pool;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_a_large_item_fails(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task The_largest_possible_item_fails_with_its_error()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["behave"] });
        const string Begin = "{\"as\":\"fail\",\"number\":1,\"unknown\":\"";
        var item = $"{Begin}{new string('x', Bus.MessageSender.MaxBodyBytes - 1100 - Begin.Length)}\"}}";
        var outcomes = await RawJobs.RunAsync(_pool, fleet.Kind("behave"), [item]).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("item 1 was told to fail", outcomes[0].Failure?.Message);
    }
}
