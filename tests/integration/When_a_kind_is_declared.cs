using Broker.Connection;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_kind_is_declared
{
    private readonly BrokerAddress _address = BrokerAddress.Parse(TestBroker.Require());
    private readonly string _kind = $"declared-{FleetPlan.NewSuffix()}";

    [Fact]
    public async Task Any_number_may_do_so_at_once()
    {
        var connections = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => BrokerConnection.OpenAsync(_address, "declaring")));
        var kinds = Enumerable.Range(0, 4).Select(n => $"{_kind}-{n}").ToList();
        foreach (var kind in kinds)
            await Task.WhenAll(connections.Select(connection => new JobTopology(connection).DeclareKindAsync(kind)));
        foreach (var kind in kinds)
            Assert.Equal(new KindQueues(new QueueDepth(0, 0), new QueueDepth(0, 0)), await new JobTopology(connections[0]).LookAtKindAsync(kind));
        foreach (var connection in connections)
            await connection.DisposeAsync();
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), kinds);
    }

    [Fact]
    public async Task Only_a_consumer_declares_the_queue_of_its_suspects()
    {
        var plan = new FleetPlan { Kinds = ["pair"] };
        var kind = plan.Kind("pair");
        await using var probe = await QueueProbe.OpenAsync();
        await using (var pool = await JobPool.ConnectAsync(TestBroker.Require()))
        {
            await pool.PublishAsync(kind, RawJobs.Items(["[1,2]"]));
            Assert.Equal(1, (await pool.Fleet.LookAtAsync(kind)).Jobs?.Ready);
            Assert.Equal(1, await pool.PurgeAsync(kind));
        }

        Assert.False(await probe.ExistsAsync(Names.SuspectsQueue(kind)));
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        Assert.True(await probe.ExistsAsync(Names.SuspectsQueue(kind)));
    }

    [Fact]
    public async Task Queues_that_were_deleted_are_there_again_and_bound()
    {
        await using var connection = await BrokerConnection.OpenAsync(_address, "declaring");
        var topology = new JobTopology(connection);
        await topology.DeclareKindAsync(_kind);
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [_kind]);
        Assert.Equal(new KindQueues(null, null), await topology.LookAtKindAsync(_kind));
        await topology.DeclareKindAsync(_kind);
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        foreach (var exchange in new[] { Names.JobsExchange, Names.DeadExchange })
            await channel.BasicPublishAsync(exchange, _kind, mandatory: true, "x"u8.ToArray());
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [_kind]);
    }

    [Fact]
    public async Task A_clients_queue_is_classic_whatever_the_virtual_host_prefers()
    {
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        var queue = Names.ResultsQueue(_kind);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, QueueArguments.Results());
        // The same arguments of another type would be refused with 406.
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "classic", ["x-expires"] = 3_600_000L });
        await probe.DeleteAsync(queue);
    }
}
