using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_queue_has_changed(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task A_deleted_queue_is_declared_again_and_no_job_is_lost()
    {
        var plan = new FleetPlan { Kinds = ["pair"] };
        await _pool.PublishAsync(plan.Kind("pair"), RawJobs.Items(["[1,2]"]));
        await using var probe = await QueueProbe.OpenAsync();
        await probe.DeleteAsync(Names.JobsQueue(plan.Kind("pair")));
        var calling = RawJobs.RunAsync(_pool, plan.Kind("pair"), ["[3,4]"]);
        await using var fleet = await ConsumerFleet.StartAsync(plan);
        Assert.Equal("\"3/4\"", (await calling.WaitAsync(RunningProgram.DefaultTimeout))[0].ToString());
    }

    [Fact]
    public async Task One_that_is_deleted_under_a_running_consumer_is_declared_again_and_consumed()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"] });
        Assert.Equal("\"1/2\"", (await RawJobs.RunAsync(_pool, fleet.Kind("pair"), ["[1,2]"]))[0].ToString());
        await using var probe = await QueueProbe.OpenAsync();
        await probe.DeleteAsync(Names.JobsQueue(fleet.Kind("pair")));
        Assert.Equal("\"3/4\"", (await RawJobs.RunAsync(_pool, fleet.Kind("pair"), ["[3,4]"]).WaitAsync(RunningProgram.DefaultTimeout))[0].ToString());
    }

    [Fact]
    public async Task A_message_that_nobody_can_read_lies_among_the_dead_letters_and_the_next_job_runs()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["pair"] });
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.BasicPublishAsync(Names.JobsExchange, fleet.Kind("pair"), mandatory: true, new BasicProperties { Persistent = true }, "no job"u8.ToArray());
        await fleet.Program.WaitForErrorAsync("cannot be read and is dead-lettered");
        Assert.Equal("\"1/2\"", (await RawJobs.RunAsync(_pool, fleet.Kind("pair"), ["[1,2]"]))[0].ToString());
        var dead = await channel.BasicGetAsync(Names.DeadQueue(fleet.Kind("pair")), autoAck: true);
        Assert.Equal("no job"u8.ToArray(), dead!.Body.ToArray());
    }

    [Fact]
    public async Task Producer_and_consumer_declare_a_queue_alike_in_any_order()
    {
        var plan = new FleetPlan { Kinds = ["pair"] };
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await _pool.PublishAsync(plan.Kind("pair"), RawJobs.Items([]));
        await using (var fleet = await ConsumerFleet.StartAsync(plan with { KeepQueues = true }))
        {
            // Declared once more with what the code says: RabbitMQ would refuse any difference.
            await channel.QueueDeclareAsync(Names.JobsQueue(plan.Kind("pair")), true, false, false, QueueArguments.Jobs(plan.Kind("pair")));
            await channel.QueueDeclareAsync(Names.DeadQueue(plan.Kind("pair")), true, false, false, QueueArguments.Dead());
        }

        await _pool.PublishAsync(plan.Kind("pair"), RawJobs.Items([]));
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [plan.Kind("pair")]);
    }

    [Fact]
    public async Task A_queue_with_other_settings_is_an_error_with_its_name_not_a_hang()
    {
        var kind = $"foreign-{FleetPlan.NewSuffix()}";
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await channel.QueueDeclareAsync(Names.JobsQueue(kind), durable: true, exclusive: false, autoDelete: false);
        var error = await Assert.ThrowsAsync<BrokerUnavailableException>(() => RawJobs.RunAsync(_pool, kind, ["1"]).WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains($"queue {Names.JobsQueue(kind)} exists with other settings", error.Message, StringComparison.Ordinal);
        Assert.False(error.CanRetry);
        Assert.Equal("1/2", await _pool.CallAsync(new Handlers.Pair(1, 2)));
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [kind]);
    }
}
