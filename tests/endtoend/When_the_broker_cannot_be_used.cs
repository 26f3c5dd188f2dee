using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_the_broker_cannot_be_used
{
    private const string Secret = "not-the-passw0rd";

    [Theory]
    [InlineData("map double 1")]
    [InlineData("call double 1")]
    [InlineData("publish double 1")]
    [InlineData("kinds")]
    [InlineData("status")]
    [InlineData("purge double --yes")]
    public async Task With_nothing_listening_every_command_ends_with_69_in_one_line(string arguments)
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, arguments.Split(' '));
        Assert.Equal(("", 69), (end.Output, end.ExitCode));
        Assert.StartsWith("producer: no RabbitMQ at 127.0.0.1:1 (connection refused): is it running?", end.Error, StringComparison.Ordinal);
        Assert.Equal(end.Error.Length - 1, end.Error.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_host_is_reported()
    {
        var end = await Programs.RunWithoutBrokerAsync(Programs.Producer, "call", "double", "1", "--broker", "amqp://guest@no-such-host.invalid/");
        Assert.Equal(69, end.ExitCode);
        Assert.Contains("no RabbitMQ at no-such-host.invalid:5672", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_reported_with_the_user()
    {
        var url = TestBroker.With(address => address.Password = Secret);
        await using var producer = Programs.StartProducer(["call", "double", "1"], url);
        var end = await producer.EndAsync();
        Assert.Equal(69, end.ExitCode);
        Assert.Contains("refused user '", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_virtual_host_is_reported_with_its_name()
    {
        var url = TestBroker.With(address => address.Path = "no-such-vhost");
        await using var producer = Programs.StartProducer(["call", "double", "1"], url);
        var end = await producer.EndAsync();
        Assert.Equal(69, end.ExitCode);
        Assert.Contains("no virtual host 'no-such-vhost'", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public async Task A_consumer_with_a_wrong_password_ends(int? processes)
    {
        var url = TestBroker.With(address => address.Password = Secret);
        await using var fleet = ConsumerFleet.Launch(new FleetPlan { Url = url, BuiltIn = ["double"], Processes = processes });
        var end = await fleet.Program.EndAsync();
        Assert.Equal(69, end.ExitCode);
        Assert.Contains("refused user '", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_debug_level_shows_no_password()
    {
        var url = TestBroker.With(address => address.Password = Secret);
        await using var producer = Programs.StartProducer(["call", "double", "1", "--log-level", "debug"], url);
        var end = await producer.EndAsync();
        Assert.Equal(69, end.ExitCode);
        Assert.Contains(" at ", end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, end.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_exists_with_other_settings_is_named()
    {
        var kind = $"foreign-{FleetPlan.NewSuffix()}";
        await using var probe = await QueueProbe.OpenAsync();
        await using (var channel = await probe.OpenChannelAsync())
            await channel.QueueDeclareAsync(Topology.Names.JobsQueue(kind), durable: true, exclusive: false, autoDelete: false, arguments: null, passive: false, noWait: false, CancellationToken.None);
        var end = await Programs.RunProducerAsync("call", kind, "1");
        Assert.Equal(69, end.ExitCode);
        Assert.Contains($"queue {Topology.Names.JobsQueue(kind)} exists with other settings", end.Error, StringComparison.Ordinal);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [kind]);
    }
}
