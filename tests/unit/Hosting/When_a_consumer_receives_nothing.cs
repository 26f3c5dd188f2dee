using Broker.Connection;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Execution;
using Broker.Hosting.Health;
using Broker.Hosting.Running;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Hosting;

public sealed class When_a_consumer_receives_nothing
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly ManualClock _clock = new();
    private readonly RunningJobs _running = new();
    private bool _retired;
    private int _renewed;

    [Fact]
    public async Task Its_subscription_is_renewed_and_it_retires_when_that_does_not_help()
    {
        await WatchAsync(13, static () => new QueueDepth(3, 1));
        Assert.Equal((11, true), (_renewed, _retired));
    }

    [Fact]
    public async Task Its_subscription_is_renewed_at_once_when_the_queue_has_no_consumer()
    {
        await WatchAsync(1, static () => new QueueDepth(3, 0));
        Assert.Equal((1, false), (_renewed, _retired));
    }

    [Fact]
    public async Task It_goes_on_after_an_outage_and_when_the_client_library_gives_up_an_answer()
    {
        await WatchAsync(40, static () => new QueueDepth(3, 1), static () => throw new TaskCanceledException("no answer within 20 s"), static () => new QueueDepth(3, 1), static () => throw new BrokerUnavailableException("down"));
        Assert.Equal((0, false), (_renewed, _retired));
    }

    [Fact]
    public async Task It_goes_on_while_a_job_of_the_kind_waits_for_its_turn()
    {
        using var waiting = _running.Enter(SomeJob.Of(Double.Kind), 1, CancellationToken.None);
        await WatchAsync(15, static () => throw new InvalidOperationException("nobody has to look"));
        Assert.Equal((0, false), (_renewed, _retired));
    }

    private async Task WatchAsync(int times, params Func<QueueDepth?>[] answers)
    {
        using var stop = new CancellationTokenSource();
        var at = 0;
        var watching = Watchdog(() => answers[at++ % answers.Length]()).RunAsync(
            _ =>
            {
                _renewed++;
                return Task.CompletedTask;
            },
            stop.Token);
        for (var i = 0; i < times; i++)
            Pass();
        // It has thought about the last answer when it waits again.
        Assert.True(SpinWait.SpinUntil(() => _clock.Timers > 0, Limit));
        await stop.CancelAsync();
        await watching.WaitAsync(Limit);
    }

    private void Pass()
    {
        Assert.True(SpinWait.SpinUntil(() => _clock.Timers > 0, Limit));
        _clock.Advance(TimeSpan.FromSeconds(5));
    }

    private Watchdog Watchdog(Func<QueueDepth?> look) =>
        new((_, _) => Task.FromResult(look()), [KindOf()], _running, _ => _retired = true, _clock, NullLogger.Instance);

    internal static HostedKind KindOf()
    {
        var services = new ServiceCollection().AddScoped<DoubleHandler>().BuildServiceProvider();
        var runner = KindRunner.Create(typeof(DoubleHandler), typeof(IJobHandler<Double, long>), services.GetRequiredService<IServiceScopeFactory>(), PayloadJson.Options);
        return new HostedKind(runner, 1);
    }

    internal sealed record Double(long Number) : IJob<long>
    {
        public static string Kind => "watched-double";
    }

    internal sealed class DoubleHandler : IJobHandler<Double, long>
    {
        public Task<long> HandleAsync(Double args, JobContext job) => Task.FromResult(2 * args.Number);
    }
}
