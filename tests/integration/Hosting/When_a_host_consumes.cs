using Broker.Contracts;
using Broker.Pool;
using Broker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_a_host_consumes(OwnBroker broker) : IClassFixture<OwnBroker>
{
    private readonly PrivateBroker _broker = broker.Require();

    [Fact]
    public async Task A_job_has_its_scope_and_the_services_in_it_are_disposed_with_it()
    {
        using var host = Host(_broker.Url);
        await host.StartAsync();
        var pool = host.Services.GetRequiredService<IJobPool>();
        var first = await pool.MapAsync([new Count(), new Count()], new BatchOptions { Chunk = 2 });
        var second = await pool.CallAsync(new Count());
        Assert.Equal((1, 2, 1), (first[0].Number, first[1].Number, second.Number));
        Assert.Equal(first[0].Scope, first[1].Scope);
        Assert.NotEqual(first[0].Scope, second.Scope);
        Assert.True(Counter.Disposed.Task.IsCompleted);
        await host.StopAsync();
    }

    [Fact]
    public async Task The_broker_may_be_away_at_the_start_and_again_later()
    {
        await _broker.StopAsync();
        using var host = Host(_broker.Url);
        await host.StartAsync();
        var pool = host.Services.GetRequiredService<IJobPool>();
        var early = pool.CallAsync(new Count());
        Assert.Equal(HealthStatus.Unhealthy, await HealthOf(host));
        await _broker.StartAgainAsync();
        Assert.Equal(1, (await early.WaitAsync(RunningProgram.DefaultTimeout)).Number);
        await _broker.KillAsync();
        var between = pool.CallAsync(new Count());
        await _broker.StartAgainAsync();
        Assert.Equal(1, (await between.WaitAsync(RunningProgram.DefaultTimeout)).Number);
        Assert.Equal(HealthStatus.Healthy, await HealthOf(host));
        await host.StopAsync();
        Assert.Equal(HealthStatus.Unhealthy, await HealthOf(host));
    }

    [Fact]
    public async Task An_operators_drain_ends_the_consumer_and_not_the_host()
    {
        using var host = Host(_broker.Url);
        await host.StartAsync();
        await host.Services.GetRequiredService<IJobPool>().CallAsync(new Count());
        await using var pool = await JobPool.ConnectAsync(_broker.Url);
        var stopping = await pool.Fleet.DrainAsync(Environment.MachineName, Environment.ProcessId, [new ProcessIdentity(Environment.MachineName, Environment.ProcessId, "consumer")]);
        Assert.Equal(Environment.ProcessId, Assert.Single(stopping).Worker.ProcessId);
        await using (var probe = await QueueProbe.OpenAsync(_broker.Url))
            await probe.WaitForConsumersAsync(Topology.Names.JobsQueue(Count.Kind), 0);
        Assert.Equal(HealthStatus.Unhealthy, await HealthOf(host));
        Assert.False(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_handler_that_cannot_be_made_ends_the_start()
    {
        using var host = Host(_broker.Url, withCounter: false);
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => host.StartAsync());
        Assert.Contains(nameof(CountHandler), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Counter), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_refuses_the_user_stops_the_host()
    {
        using var host = Host(new UriBuilder(_broker.Url) { Password = "wrong" }.Uri.AbsoluteUri);
        var stopped = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopped.SetResult);
        await host.StartAsync();
        await stopped.Task.WaitAsync(RunningProgram.DefaultTimeout);
        Assert.Equal(1, Environment.ExitCode);
        Environment.ExitCode = 0;
        await host.StopAsync();
    }

    private static async Task<HealthStatus> HealthOf(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Status;

    private static IHost Host(string url, bool withCounter = true)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddBroker(options => options.Url = url);
        builder.Services.AddBrokerConsumer(options => options.Concurrency = 2).AddHandler<CountHandler>();
        builder.Services.AddHealthChecks().AddBrokerConsumer();
        if (withCounter)
            builder.Services.AddScoped<Counter>();
        return builder.Build();
    }

    internal sealed record Count : IJob<Counted>
    {
        public static string Kind => $"count-{Environment.ProcessId}";
    }

    internal sealed record Counted(int Number, Guid Scope);

    internal sealed class CountHandler(Counter counter) : IJobHandler<Count, Counted>
    {
        public Task<Counted> HandleAsync(Count args, JobContext job) => Task.FromResult(counter.Next());
    }

    internal sealed class Counter : IAsyncDisposable
    {
        private int _number;

        public static TaskCompletionSource Disposed { get; } = new();

        private Guid Scope { get; } = Guid.NewGuid();

        public Counted Next() => new(++_number, Scope);

        public ValueTask DisposeAsync()
        {
            // The first one is made at the start, to see that it can be made.
            if (_number > 0)
                Disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
