using System.Collections.Concurrent;
using System.Diagnostics;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_an_item_is_run_again : IAsyncLifetime
{
    private readonly IHost _host;

    public When_an_item_is_run_again()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddBroker(options => options.Url = TestBroker.Require());
        builder.Services.AddBrokerConsumer(options => options.Concurrency = 4).AddHandler<FlakyHandler>();
        _host = builder.Build();
    }

    private IJobPool Pool => _host.Services.GetRequiredService<IJobPool>();

    public async ValueTask InitializeAsync() => await _host.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [Flaky.Kind]);
    }

    [Fact]
    public async Task Only_those_that_failed_are_and_each_result_has_its_place()
    {
        var run = Guid.NewGuid();
        var results = await Pool.MapAsync(Enumerable.Range(0, 10).Select(n => new Flaky(run, n, FailedAttempts: n % 3 == 0 ? n % 2 + 1 : 0)), new BatchOptions { Chunk = 5 });
        Assert.Equal(["0:2", "1:1", "2:1", "3:3", "4:1", "5:1", "6:2", "7:1", "8:1", "9:3"], results);
        Assert.All(Enumerable.Range(0, 10), n => Assert.Equal(n % 3 == 0 ? n % 2 + 2 : 1, FlakyHandler.Runs(run, n)));
    }

    [Fact]
    public async Task After_its_last_attempt_it_is_dead_lettered_with_all_of_them_and_its_caller_told()
    {
        var run = Guid.NewGuid();
        var error = await Assert.ThrowsAsync<JobFailedException>(() => Pool.CallAsync(new Flaky(run, 7, FailedAttempts: 9), new CallOptions { Attempts = 2 }));
        Assert.Contains("attempt 2 of 7", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, FlakyHandler.Runs(run, 7));
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        var letter = MessageBody.Read(await probe.TakeAsync(channel, Names.DeadQueue(Flaky.Kind)), MessageJson.Default.DeadLetter)!;
        Assert.Equal((2, 1), (letter.Job.Attempt, letter.Job.EarlierAttempts!.Count));
        Assert.Equal(Environment.ProcessId, letter.Job.EarlierAttempts[0].Worker.ProcessId);
        Assert.True(letter.Job.EarlierAttempts[0].FailedAt < letter.DiedAt);
    }

    [Fact]
    public async Task Its_handler_may_say_when_and_nobody_takes_it_for_lost_meanwhile()
    {
        var run = Guid.NewGuid();
        var watch = Stopwatch.StartNew();
        Assert.Equal("1:2", await Pool.CallAsync(new Flaky(run, 1, FailedAttempts: 1, RetryAfter: 9)));
        Assert.InRange(watch.Elapsed.TotalSeconds, 9, 25);
        Assert.Equal(2, FlakyHandler.Runs(run, 1));
    }

    [Fact]
    public async Task It_is_not_where_it_has_one_attempt_is_rejected_or_would_come_after_its_deadline()
    {
        var run = Guid.NewGuid();
        await Assert.ThrowsAsync<JobFailedException>(() => Pool.CallAsync(new Flaky(run, 1, FailedAttempts: 9), new CallOptions { Attempts = 1 }));
        await Assert.ThrowsAsync<JobFailedException>(() => Pool.CallAsync(new Flaky(run, 2, FailedAttempts: 9, Rejected: true)));
        await Assert.ThrowsAsync<JobFailedException>(() => Pool.CallAsync(new Flaky(run, 3, FailedAttempts: 9, RetryAfter: 60), new CallOptions { Deadline = TimeSpan.FromSeconds(20) }));
        Assert.All(Enumerable.Range(1, 3), n => Assert.Equal(1, FlakyHandler.Runs(run, n)));
    }
}

/// <param name="Run">The test.</param>
/// <param name="Number">The item.</param>
/// <param name="FailedAttempts">How many attempts fail.</param>
/// <param name="RetryAfter">Seconds that the handler asks for.</param>
/// <param name="Rejected">Whether the handler refuses the item for good.</param>
internal sealed record Flaky(Guid Run, int Number, int FailedAttempts, int? RetryAfter = null, bool Rejected = false) : IJob<string>
{
    // With a dot, which is a word's end on a topic exchange.
    public static string Kind { get; } = $"flaky.{FleetPlan.NewSuffix()}";
}

internal sealed class FlakyHandler : IJobHandler<Flaky, string>
{
    private static readonly ConcurrentDictionary<(Guid, int), int> Counts = new();

    public static int Runs(Guid run, int number) => Counts[(run, number)];

    public Task<string> HandleAsync(Flaky args, JobContext job)
    {
        Counts.AddOrUpdate((args.Run, args.Number), 1, static (_, count) => count + 1);
        var message = $"attempt {job.Attempt} of {args.Number}";
        if (job.Attempt > args.FailedAttempts)
            return Task.FromResult($"{args.Number}:{job.Attempt}");
        throw args switch
        {
            { Rejected: true } => new JobRejectedException(message),
            { RetryAfter: { } seconds } => new RetryAfterException(TimeSpan.FromSeconds(seconds), message),
            _ => new InvalidOperationException(message),
        };
    }
}
