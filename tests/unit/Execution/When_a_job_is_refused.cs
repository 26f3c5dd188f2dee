using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Execution;

public sealed class When_a_job_is_refused
{
    private const int Items = 100_000;

    [Fact]
    public async Task A_large_chunk_is_answered_in_messages_that_can_be_sent()
    {
        var services = new ServiceCollection().AddScoped<LargeHandler>().BuildServiceProvider();
        var runner = KindRunner.Create(typeof(LargeHandler), typeof(IJobHandler<Large, int>), services.GetRequiredService<IServiceScopeFactory>(), PayloadJson.Options);
        var execution = new JobExecution(new HostedKind(runner, 1), new ProcessIdentity("h", 1, "n"), NullLogger.Instance, static _ => { });
        var parts = new List<JobCompleted>();
        await execution.RefuseAsync(SomeJob.Of(Large.Kind, index: 5), Items, FailureTypes.Expired, "the job's deadline passed before it was started", part =>
        {
            Assert.InRange(MessageSender.Write(part, MessageJson.Default.JobCompleted).Length, 1, MessageSender.MaxBodyBytes);
            parts.Add(part);
            return Task.CompletedTask;
        });
        Assert.InRange(parts.Count, 2, 40);
        Assert.Equal(Items, parts.Sum(part => part.Failures!.Count));
        var next = 5L;
        foreach (var part in parts)
        {
            Assert.Equal((next, part.Count, part.Count - 1), (part.Indices[0], part.Failures!.Count, part.Failures[^1].Offset));
            next += part.Count;
        }
    }

    internal sealed record Large(int Number) : IJob<int>
    {
        public static string Kind => "refused-large";
    }

    internal sealed class LargeHandler : IJobHandler<Large, int>
    {
        public Task<int> HandleAsync(Large args, JobContext job) => Task.FromResult(args.Number);
    }
}
