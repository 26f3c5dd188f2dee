using System.Collections.Concurrent;
using System.Text;
using Broker.Contracts;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_progress_is_reported : IAsyncLifetime, IProgress<JobProgress>
{
    private readonly ConcurrentQueue<JobProgress> _told = new();
    private readonly IHost _host;
    private readonly Guid _run = Guid.NewGuid();

    public When_progress_is_reported()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddBroker(options => options.Url = TestBroker.Require());
        builder.Services.AddBrokerConsumer(options => options.Concurrency = 4).AddHandler<TravelHandler>();
        _host = builder.Build();
    }

    private IJobPool Pool => _host.Services.GetRequiredService<IJobPool>();

    void IProgress<JobProgress>.Report(JobProgress value) => _told.Enqueue(value);

    public async ValueTask InitializeAsync() => await _host.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        await QueueProbe.DeleteKindsAsync(TestBroker.Require(), [Travel.Kind]);
    }

    [Fact]
    public async Task Who_asked_is_told_the_newest_of_each_item_and_nothing_after_its_outcome()
    {
        var mapping = Pool.MapAsync(Enumerable.Range(0, 3).Select(n => new Travel(_run, n)), new BatchOptions { Chunk = 1, Progress = this });
        await UntilAsync(() => _told.Select(told => (told.Index, told.Fraction, told.Text)).ToHashSet().IsSupersetOf(Enumerable.Range(0, 3).Select(n => ((long)n, (double?)0.5, (string?)$"half of {n}"))));
        TravelHandler.GoOn(_run);
        Assert.Equal([0, 1, 2], await mapping.WaitAsync(RunningProgram.DefaultTimeout));
        // A thousand reports of each, and one second or two of messages.
        Assert.InRange(_told.Count, 3, 100);
    }

    [Fact]
    public async Task A_handle_knows_that_its_job_runs()
    {
        var handle = await Pool.SubmitAsync(new Travel(_run, 5), new CallOptions { Progress = this });
        await UntilAsync(() => handle.State == JobState.Running);
        TravelHandler.GoOn(_run);
        Assert.Equal(5, await handle.WaitAsync(RunningProgram.DefaultTimeout));
        Assert.All(_told, told => Assert.Equal((handle.BatchId, handle.JobId, 0), (told.BatchId, told.JobId, told.Index)));
    }

    [Fact]
    public async Task The_fleet_shows_it_to_who_has_not_asked()
    {
        await using var pool = await JobPool.ConnectAsync(TestBroker.Require());
        var handle = await pool.SubmitAsync(new Travel(_run, 7));
        string? text = null;
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (text is null)
            text = (await pool.Fleet.LookAsync([Travel.Kind], limit.Token)).Processes.SelectMany(process => process.Jobs).FirstOrDefault(job => job.Held.JobId == handle.JobId)?.Held.Progress?.Text;
        Assert.Equal("half of 7", text);
        Assert.Equal(JobState.Waiting, handle.State);
        TravelHandler.GoOn(_run);
        Assert.Equal(7, await handle.WaitAsync(RunningProgram.DefaultTimeout));
    }

    [Fact]
    public async Task Reports_are_not_kept_for_a_caller_that_is_away()
    {
        await using var probe = await QueueProbe.OpenAsync();
        await using var channel = await probe.OpenChannelAsync();
        await probe.WaitForConsumersAsync(Names.JobsQueue(Travel.Kind), 1);
        var caller = $"away-{FleetPlan.NewSuffix()}";
        await channel.QueueDeclareAsync(caller, durable: false, exclusive: true, autoDelete: false);
        await channel.QueueBindAsync(caller, Names.ResultsExchange, caller);
        var job = $$$"""
            {"jobId":"{{{Guid.NewGuid()}}}","batchId":"{{{Guid.NewGuid()}}}","kind":"{{{Travel.Kind}}}","items":[{"run":"{{{_run}}}","number":1}],"indices":[0],"replyTo":"{{{caller}}}",
             "wantsProgress":true,"submittedAt":"2026-01-01T00:00:00Z","submittedBy":{"host":"h","processId":1,"name":"n"}}
            """;
        await channel.BasicPublishAsync(Names.JobsExchange, Travel.Kind, mandatory: true, new BasicProperties { Type = Bus.MessageTypes.RunJob }, Encoding.UTF8.GetBytes(job));
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        BasicGetResult? told;
        while ((told = await channel.BasicGetAsync(caller, autoAck: true, limit.Token)) is null)
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
        Assert.Equal((Bus.MessageTypes.JobProgress, false, "5000"), (told.BasicProperties.Type, told.BasicProperties.Persistent, told.BasicProperties.Expiration));
        TravelHandler.GoOn(_run);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }
}

/// <param name="Run">The test.</param>
/// <param name="Number">Returned.</param>
internal sealed record Travel(Guid Run, int Number) : IJob<int>
{
    public static string Kind { get; } = $"travel-{FleetPlan.NewSuffix()}";
}

internal sealed class TravelHandler : IJobHandler<Travel, int>
{
    private static readonly ConcurrentDictionary<Guid, TaskCompletionSource> Gates = new();

    public static void GoOn(Guid run) => GateOf(run).TrySetResult();

    public async Task<int> HandleAsync(Travel args, JobContext job)
    {
        for (var n = 0; n < 1000; n++)
            job.ReportProgress(n / 2000.0, $"step {n}");
        job.ReportProgress(0.5, $"half of {args.Number}");
        await GateOf(args.Run).Task.WaitAsync(job.CancellationToken);
        return args.Number;
    }

    private static TaskCompletionSource GateOf(Guid run) => Gates.GetOrAdd(run, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
