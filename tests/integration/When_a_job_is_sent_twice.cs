using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using RabbitMQ.Client;

namespace Broker.Tests.Integration;

public sealed class When_a_job_is_sent_twice(SharedFleet shared)
{
    private readonly JobPool _pool = shared.Pool;

    [Fact]
    public async Task Each_items_outcome_is_returned_once()
    {
        var plan = new FleetPlan { Kinds = ["pair"], Concurrency = 4, More = ["--log-level", "debug"] };
        var running = RawJobs.RunAsync(_pool, plan.Kind("pair"), Enumerable.Range(0, 30).Select(n => $"[{n},{n}]"), new BatchOptions { Chunk = 3 });
        await using (var probe = await QueueProbe.OpenAsync())
        {
            await using var channel = await probe.OpenChannelAsync();
            await CopyAsync(probe, channel, plan.Kind("pair"), 10);
        }

        await using var fleet = await ConsumerFleet.StartAsync(plan);
        var outcomes = await running.WaitAsync(RunningProgram.DefaultTimeout);
        Assert.Equal(Enumerable.Range(0, 30).Select(n => $"\"{n}/{n}\""), outcomes.Select(outcome => outcome.ToString()));
        await fleet.Program.WaitForErrorAsync(text => text.Split("done in").Length - 1 >= 20, "twenty jobs done: each of ten came twice");
    }

    /// <summary>Publishes a second copy of each job, as a sender does when a confirmation is lost.</summary>
    private static async Task CopyAsync(QueueProbe probe, IChannel channel, string kind, int jobs)
    {
        for (var copied = 0; copied < jobs; copied++)
        {
            var job = await probe.TakeAsync(channel, Names.JobsQueue(kind));
            Assert.Equal(kind, JsonSerializer.Deserialize(job.Span, MessageJson.Default.RunJob)!.Kind);
            for (var copy = 0; copy < 2; copy++)
                await channel.BasicPublishAsync(Names.JobsExchange, kind, mandatory: true, new BasicProperties { Persistent = true, Type = Bus.MessageTypes.RunJob }, job);
        }
    }
}
