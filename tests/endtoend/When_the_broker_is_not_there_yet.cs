using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

[Collection(OwnBroker.Name)]
public sealed class When_the_broker_is_not_there_yet(OwnBroker own)
{
    private readonly PrivateBroker _broker = own.Require();

    [Fact]
    public async Task A_producer_told_to_wait_goes_on_when_it_is()
    {
        await _broker.StopAsync();
        await using var producer = Programs.StartProducer(["publish", "waited-for", "1", "--wait", "60s"], _broker.Url);
        await producer.WaitForErrorAsync("producer: waiting for the broker: no RabbitMQ at ");
        await _broker.StartAgainAsync();
        Assert.Equal(0, (await producer.EndAsync()).ExitCode);
        await QueueProbe.DeleteKindsAsync(_broker.Url, ["waited-for"]);
    }

    [Fact]
    public async Task It_waits_no_longer_than_told_and_ends_with_69()
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "kinds", "--wait", "3s");
        Assert.Equal(("", 69), (end.Output, end.ExitCode));
        Assert.Equal(
            ["producer: waiting for the broker: no RabbitMQ at 127.0.0.1:1", "producer: no RabbitMQ at 127.0.0.1:1"],
            end.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[..line.IndexOf(" (connection refused)", StringComparison.Ordinal)]));
    }
}
