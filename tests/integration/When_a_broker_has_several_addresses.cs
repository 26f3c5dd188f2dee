using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Broker.Connection;
using Broker.Pool;
using Broker.Tests.Support;

namespace Broker.Tests.Integration;

public sealed class When_a_broker_has_several_addresses : IDisposable
{
    /// <summary>Takes connections and says nothing, as a node whose machine is frozen.</summary>
    private readonly TcpListener _silent = new(IPAddress.Loopback, 0);

    private readonly Uri _broker = new(TestBroker.Require());

    public void Dispose() => _silent.Dispose();

    [Fact]
    public async Task A_node_that_refuses_connections_is_passed_over()
    {
        var address = StartingAt(0, "127.0.0.1:1", Living);
        var started = Stopwatch.GetTimestamp();
        await using var connection = await BrokerConnection.OpenAsync(address, "several", TestContext.Current.CancellationToken);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(Living, address.Current.ToString());
    }

    [Fact]
    public async Task A_node_that_is_silent_holds_up_one_connection_for_the_time_of_one_attempt()
    {
        _silent.Start();
        var address = StartingAt(0, _silent.LocalEndpoint.ToString()!, Living);
        var started = Stopwatch.GetTimestamp();
        await using var first = await BrokerConnection.OpenAsync(address, "several", TestContext.Current.CancellationToken);
        Assert.InRange(Stopwatch.GetElapsedTime(started), BrokerAddress.ConnectTimeout, BrokerAddress.ConnectTimeout + TimeSpan.FromSeconds(3));
        started = Stopwatch.GetTimestamp();
        await using var second = await BrokerConnection.OpenAsync(address, "several", TestContext.Current.CancellationToken);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, BrokerAddress.ConnectTimeout / 2);
    }

    [Fact]
    public async Task All_that_failed_are_named_in_their_order_whichever_was_first()
    {
        var errors = new List<string>();
        foreach (var first in new[] { 0, 1 })
        {
            var error = await Assert.ThrowsAsync<BrokerUnavailableException>(
                () => BrokerConnection.OpenAsync(StartingAt(first, "127.0.0.1:1", "127.0.0.1:2"), "several", TestContext.Current.CancellationToken));
            errors.Add(error.Message);
        }

        Assert.Equal(Enumerable.Repeat("no RabbitMQ at 127.0.0.1:1 (connection refused), 127.0.0.1:2 (connection refused): is it running?", 2), errors);
    }

    [Fact]
    public async Task A_user_that_one_node_refuses_is_not_tried_at_the_others()
    {
        var address = BrokerAddress.Parse($"amqp://{_broker.UserInfo}wrong@{Living},127.0.0.1:1{_broker.AbsolutePath}");
        while (address.Current.Port == 1)
            address.Failed(address.Current);
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => BrokerConnection.OpenAsync(address, "several", TestContext.Current.CancellationToken));
        Assert.StartsWith($"RabbitMQ at {Living} refused user", error.Message, StringComparison.Ordinal);
        Assert.False(error.CanRetry);
    }

    [Fact]
    public async Task A_pool_and_its_consumers_go_on_at_another_when_theirs_is_gone()
    {
        using var one = new BrokerFront();
        using var other = new BrokerFront();
        var url = With(new Uri(one.Url).Authority, new Uri(other.Url).Authority);
        var plan = new FleetPlan { Kinds = ["pair"], Url = url };
        await using (await ConsumerFleet.StartAsync(plan))
        await using (var pool = await JobPool.ConnectAsync(url))
        {
            foreach (var gone in new[] { one, other, one })
            {
                // Jobs and their outcomes take connections of their own beside the one that declares.
                gone.Refuse();
                Assert.Equal("\"1/2\"", (await RawJobs.RunAsync(pool, plan.Kind("pair"), ["[1,2]"]).WaitAsync(RunningProgram.DefaultTimeout))[0].ToString());
                gone.Allow();
            }
        }

        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [plan.Kind("pair")]);
    }

    private string Living => $"{_broker.Host}:{(_broker.Port > 0 ? _broker.Port : 5672)}";

    private string With(params string[] nodes) => $"amqp://{_broker.UserInfo}@{string.Join(',', nodes)}{_broker.AbsolutePath}";

    private BrokerAddress StartingAt(int node, params string[] nodes)
    {
        var address = BrokerAddress.Parse(With(nodes));
        while (address.Current != address.Nodes[node])
            address.Failed(address.Current);
        return address;
    }
}
