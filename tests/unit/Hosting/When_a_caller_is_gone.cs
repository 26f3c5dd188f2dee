using Broker.Connection;
using Broker.Contracts;
using Broker.Hosting.Health;
using Broker.Hosting.Running;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Hosting;

public sealed class When_a_caller_is_gone
{
    private const string Caller = "caller";

    private static readonly QueueDepth Consumed = new(0, 1);
    private static readonly QueueDepth Deserted = new(3, 0);

    private readonly ManualClock _clock = new();
    private readonly RunningJobs _running = new();
    private Func<QueueDepth?> _queue = static () => Consumed;
    private int _looks;

    [Fact]
    public async Task Its_jobs_end_after_a_minute_and_later_ones_are_known()
    {
        var watch = Watch();
        using var job = Enter(Caller);
        using var other = Enter("another");
        Assert.False(watch.IsGone(Caller));
        Assert.False(watch.IsGone(null));
        await PassAsync(watch, 12, static () => Consumed);
        Assert.Equal(CancellationCause.None, job.Cause);
        await PassAsync(watch, 6, static () => Deserted);
        Assert.Equal(CancellationCause.None, job.Cause);
        await PassAsync(watch, 1, static () => null);
        Assert.Equal((CancellationCause.Cancelled, CancellationCause.None), (job.Cause, other.Cause));
        Assert.True(watch.IsGone(Caller));
    }

    [Fact]
    public async Task It_may_come_back_within_the_minute_and_afterwards()
    {
        var watch = Watch();
        using var job = Enter(Caller);
        watch.IsGone(Caller);
        await PassAsync(watch, 6, static () => Deserted);
        await PassAsync(watch, 1, static () => Consumed);
        await PassAsync(watch, 6, static () => Deserted);
        Assert.Equal(CancellationCause.None, job.Cause);
        await PassAsync(watch, 1, static () => Deserted);
        Assert.True(watch.IsGone(Caller));
        await PassAsync(watch, 1, static () => Consumed);
        Assert.False(watch.IsGone(Caller));
    }

    [Fact]
    public async Task An_outage_of_the_broker_begins_the_minute_anew()
    {
        var watch = Watch();
        using var job = Enter(Caller);
        watch.IsGone(Caller);
        await PassAsync(watch, 6, static () => Deserted);
        await PassAsync(watch, 20, static () => throw new BrokerUnavailableException("down"));
        await PassAsync(watch, 6, static () => Deserted);
        Assert.Equal(CancellationCause.None, job.Cause);
    }

    [Fact]
    public async Task Nobody_looks_for_one_whose_jobs_are_elsewhere()
    {
        var watch = Watch();
        watch.IsGone(Caller);
        await PassAsync(watch, 5, static () => Consumed);
        Assert.Equal(1, _looks);
    }

    private RunningJob Enter(string caller) => _running.Enter(SomeJob.Of("double") with { ReplyTo = caller }, 1, CancellationToken.None);

    private CallerWatch Watch() => new(
        (caller, _) =>
        {
            _looks += caller == Caller ? 1 : 0;
            return Task.FromResult(caller == Caller ? _queue() : Consumed);
        },
        _running,
        _clock,
        NullLogger.Instance);

    private async Task PassAsync(CallerWatch watch, int looks, Func<QueueDepth?> queue)
    {
        _queue = queue;
        using var stop = new CancellationTokenSource();
        var watching = watch.RunAsync(stop.Token);
        for (var look = 0; look < looks; look++)
            _clock.Advance(CallerWatch.Interval);
        await stop.CancelAsync();
        await watching;
    }
}
