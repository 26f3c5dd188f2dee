using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_health_is_requested
{
    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public async Task A_running_consumer_is_ready_and_an_ended_one_is_not(int? processes)
    {
        var port = $"{FreePort.Next()}";
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"], Processes = processes, More = ["--health-port", port] });
        var ready = await Programs.RunWithoutBrokerAsync(Programs.Consumer, "health", "--port", port);
        Assert.Equal(("ready\n", "", 0), (ready.Output, ready.Error, ready.ExitCode));
        fleet.Program.Signal("TERM");
        await fleet.Program.EndAsync();
        var gone = await Programs.RunWithoutBrokerAsync(Programs.Consumer, "health", "--port", port);
        Assert.Equal(("not ready\n", "", 1), (gone.Output, gone.Error, gone.ExitCode));
    }

    [Fact]
    public async Task A_consumer_without_a_broker_is_alive_and_not_ready()
    {
        var port = FreePort.Next();
        await using var fleet = ConsumerFleet.Launch(new FleetPlan { Url = Programs.NoBroker, BuiltIn = ["double"], More = ["--health-port", $"{port}"] });
        await fleet.Program.WaitForErrorAsync("waiting for the broker");
        using var client = new HttpClient();
        Assert.Equal("live\n", await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/health/live")));
        using var ready = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/health/ready"));
        Assert.Equal(503, (int)ready.StatusCode);
    }

    [Fact]
    public async Task A_port_in_use_ends_the_consumer_with_69_in_one_line()
    {
        var port = FreePort.Next();
        await using var first = ConsumerFleet.Launch(new FleetPlan { Url = Programs.NoBroker, BuiltIn = ["double"], More = ["--health-port", $"{port}"] });
        await first.Program.WaitForErrorAsync("waiting for the broker");
        var second = await Programs.RunWithoutBrokerAsync(Programs.Consumer, "--health-port", $"{port}");
        Assert.Equal(69, second.ExitCode);
        Assert.Contains($"consumer: --health-port 127.0.0.1:{port}: the port cannot be opened", second.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(" ERR ", second.Error, StringComparison.Ordinal);
    }
}
