using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

[Collection(OwnBroker.Name)]
public sealed class When_the_fleet_is_watched_over_a_restart(OwnBroker broker)
{
    private readonly PrivateBroker _broker = broker.Require();

    [Fact]
    public async Task The_watch_waits_for_the_broker_and_goes_on()
    {
        await using var producer = Programs.StartProducer(["status", "--watch", "-o", "json"], _broker.Url);
        await producer.WaitForOutputAsync(text => text.Contains('\n', StringComparison.Ordinal), "a look");
        await _broker.StopAsync();
        await producer.WaitForErrorAsync("connection to RabbitMQ at");
        var looks = LookCount(producer);
        await _broker.StartAgainAsync();
        await producer.WaitForErrorAsync("connection to RabbitMQ restored");
        await producer.WaitForOutputAsync(text => text.Split('\n').Length > looks + 1, "another look");
        producer.Signal("INT");
        Assert.Equal(0, (await producer.EndAsync(TimeSpan.FromSeconds(15))).ExitCode);
    }

    [Fact]
    public async Task On_a_terminal_the_picture_says_that_the_broker_is_away()
    {
        await using var producer = Terminal.StartProducer(["status", "--watch"], url: _broker.Url);
        await producer.WaitForOutputAsync(text => text.Contains("KIND", StringComparison.Ordinal), "a look");
        await _broker.StopAsync();
        await producer.WaitForOutputAsync(text => text.Contains("! the connection to RabbitMQ at", StringComparison.Ordinal), "the reason in the picture");
        await _broker.StartAgainAsync();
        await producer.Input.WriteAsync('\x03');
        await producer.Input.FlushAsync();
        Assert.Equal(0, (await producer.EndAsync(TimeSpan.FromSeconds(15))).ExitCode);
    }

    private static int LookCount(RunningProgram producer) => producer.Output.ToString().Split('\n').Length;
}
