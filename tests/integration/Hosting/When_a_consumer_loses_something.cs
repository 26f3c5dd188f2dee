using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Broker.Bus;
using Broker.Contracts;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Broker.Tests.Integration.Hosting;

public sealed class When_a_consumer_loses_something : IAsyncDisposable
{
    private readonly string _url = TestBroker.Require();
    private readonly Lines _log = new();
    private readonly List<IHost> _hosts = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        await QueueProbe.DeleteKindsAsync(_url, [Held.Kind]);
    }

    [Fact]
    public async Task A_job_whose_connection_is_lost_again_and_again_is_no_crash()
    {
        using var way = new BrokerFront();
        using var gate = new SemaphoreSlim(0);
        var started = new SemaphoreSlim(0);
        await StartAsync(way.Url, async token =>
        {
            started.Release();
            await gate.WaitAsync(token);
        });
        await using var pool = await JobPool.ConnectAsync(_url);
        var held = pool.MapAsync([new Held(1), new Held(2)], new BatchOptions { Chunk = 2 });
        for (var losses = 0; losses < 6; losses++)
        {
            Assert.True(await started.WaitAsync(RunningProgram.DefaultTimeout));
            way.Cut();
        }

        Assert.True(await started.WaitAsync(RunningProgram.DefaultTimeout));
        gate.Release(2);
        Assert.Equal([1, 2], await held.WaitAsync(RunningProgram.DefaultTimeout));
        Assert.DoesNotContain(_log.All, line => line.Contains("split into", StringComparison.Ordinal));
        Assert.Equal(6, _log.All.Count(line => line == "requeued: the connection is lost"));
    }

    [Fact]
    public async Task A_stop_right_after_the_loss_of_its_connections_is_quick()
    {
        using var way = new BrokerFront();
        var host = await StartAsync(way.Url, static _ => Task.CompletedTask);
        await using var pool = await JobPool.ConnectAsync(_url);
        Assert.Equal(1, await pool.CallAsync(new Held(1)));
        way.Cut();
        var begun = Stopwatch.GetTimestamp();
        await host.StopAsync();
        Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(10), $"{Stopwatch.GetElapsedTime(begun)}");
    }

    [Fact]
    public async Task A_job_that_is_cancelled_by_a_stop_is_queued_as_new()
    {
        var started = new SemaphoreSlim(0);
        var host = await StartAsync(_url, async token =>
        {
            started.Release();
            await Task.Delay(Timeout.Infinite, token);
        }, TimeSpan.FromMilliseconds(100));
        await using var pool = await JobPool.ConnectAsync(_url);
        var held = pool.CallAsync(new Held(1));
        Assert.True(await started.WaitAsync(RunningProgram.DefaultTimeout));
        await host.StopAsync();
        await using var probe = await QueueProbe.OpenAsync(_url);
        await using var channel = await probe.OpenChannelAsync();
        var message = await channel.BasicGetAsync(Names.JobsQueue(Held.Kind), autoAck: false);
        Assert.NotNull(message);
        Assert.False(message.Redelivered);
        await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
        await StartAsync(_url, static _ => Task.CompletedTask);
        Assert.Equal(1, await held.WaitAsync(RunningProgram.DefaultTimeout));
    }

    [Fact]
    public async Task A_dead_letter_queue_that_was_deleted_is_declared_again()
    {
        await StartAsync(_url, static _ => throw new JobRejectedException("no"));
        await using var pool = await JobPool.ConnectAsync(_url);
        // The first call of a pool declares the kind's queues.
        await Assert.ThrowsAsync<JobFailedException>(() => pool.CallAsync(new Held(0)).WaitAsync(RunningProgram.DefaultTimeout));
        await using var probe = await QueueProbe.OpenAsync(_url);
        await probe.DeleteAsync(Names.DeadQueue(Held.Kind));
        await Assert.ThrowsAsync<JobFailedException>(() => pool.CallAsync(new Held(1)).WaitAsync(RunningProgram.DefaultTimeout));
        await using var channel = await probe.OpenChannelAsync();
        Assert.NotNull(await channel.BasicGetAsync(Names.DeadQueue(Held.Kind), autoAck: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_jobs_queue_that_was_deleted_is_consumed_again(bool declaredAtOnce)
    {
        await StartAsync(_url, static _ => Task.CompletedTask);
        await using var pool = await JobPool.ConnectAsync(_url);
        Assert.Equal(1, await pool.CallAsync(new Held(1)));
        await using var probe = await QueueProbe.OpenAsync(_url);
        await using (var channel = await probe.OpenChannelAsync())
        {
            await channel.QueueDeleteAsync(Names.JobsQueue(Held.Kind));
            if (declaredAtOnce)
            {
                await channel.QueueDeclareAsync(Names.JobsQueue(Held.Kind), durable: true, exclusive: false, autoDelete: false, QueueArguments.Jobs(Held.Kind));
                await channel.QueueBindAsync(Names.JobsQueue(Held.Kind), Names.JobsExchange, Held.Kind);
            }
        }

        // More than the consumer's prefetch limit: what the broker gave to the consumer of the old queue comes again only with a new subscription.
        Assert.Equal([2, 3, 4, 5], await pool.MapAsync([new Held(2), new Held(3), new Held(4), new Held(5)], new BatchOptions { Chunk = 1 }).WaitAsync(RunningProgram.DefaultTimeout));
    }

    [Theory]
    [InlineData(MessageTypes.SetLogLevel, "null")]
    [InlineData(MessageTypes.SetLogLevel, """{"requestId":"01890000-0000-7000-8000-000000000001","replyTo":"x","level":"debug","duration":"-1.00:00:00"}""")]
    [InlineData(MessageTypes.Ping, """{"pingId":7}""")]
    public async Task A_control_message_that_cannot_be_used_is_dropped_once(string type, string body)
    {
        await StartAsync(_url, static _ => Task.CompletedTask);
        await using var probe = await QueueProbe.OpenAsync(_url);
        await using var channel = await probe.OpenChannelAsync();
        for (var sent = 0; sent < 2; sent++)
            await channel.BasicPublishAsync(Names.ControlExchange, "", mandatory: true, new BasicProperties { Type = type }, Encoding.UTF8.GetBytes(body));
        Assert.True(await _log.WaitAsync("was dropped", 2));
        await using var pool = await JobPool.ConnectAsync(_url);
        Assert.Equal(1, await pool.CallAsync(new Held(1)));
        Assert.Equal(2, _log.All.Count(line => line.Contains("was dropped", StringComparison.Ordinal)));
    }

    private async Task<IHost> StartAsync(string url, Func<CancellationToken, Task> work, TimeSpan? drain = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders().AddProvider(_log).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton(work);
        builder.Services.AddBroker(options => options.Url = url);
        builder.Services.AddBrokerConsumer(options =>
        {
            options.Concurrency = 2;
            options.ShutdownTimeout = drain ?? TimeSpan.FromSeconds(25);
        }).AddHandler<HeldHandler>();
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync();
        await using var probe = await QueueProbe.OpenAsync(_url);
        await probe.WaitForConsumersAsync(Names.JobsQueue(Held.Kind), 1);
        return host;
    }

    internal sealed record Held(int Number) : IJob<int>
    {
        private static readonly string Suffix = FleetPlan.NewSuffix();

        public static string Kind => $"held-{Suffix}";
    }

    internal sealed class HeldHandler(Func<CancellationToken, Task> work) : IJobHandler<Held, int>
    {
        public async Task<int> HandleAsync(Held args, JobContext job)
        {
            await work(job.CancellationToken);
            return args.Number;
        }
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly SemaphoreSlim _added = new(0);

        public IReadOnlyCollection<string> All => _lines;

        public async Task<bool> WaitAsync(string text, int times)
        {
            while (_lines.Count(line => line.Contains(text, StringComparison.Ordinal)) < times)
            {
                if (!await _added.WaitAsync(RunningProgram.DefaultTimeout))
                    return false;
            }

            return true;
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            _lines.Enqueue(formatter(state, exception));
            _added.Release();
        }

        public void Dispose() => _added.Dispose();
    }
}
