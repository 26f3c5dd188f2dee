using Broker.Hosting.Lifetime;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Hosting;

public sealed class When_a_process_has_limits : IDisposable
{
    private const long MiB = 1024 * 1024;

    private readonly ManualClock _clock = new();
    private readonly ConsumerLifetime _life = new(NullLogger.Instance);
    private long _memory = 200 * MiB;

    public void Dispose() => _life.Dispose();

    [Fact]
    public void It_takes_as_many_jobs_as_it_may_and_ends()
    {
        var limits = Limits(new ProcessTerms { MaxJobs = 3 });
        Assert.Equal([true, true], [limits.TryTake(), limits.TryTake()]);
        Assert.Equal(ConsumerEnd.None, _life.End);
        Assert.True(limits.TryTake());
        Assert.Equal((ConsumerEnd.Spent, true, false), (_life.End, _life.Drain.IsCancellationRequested, _life.Asked.IsCancellationRequested));
        Assert.False(limits.TryTake());
    }

    [Fact]
    public void Without_limits_it_takes_jobs_until_it_is_stopped()
    {
        var limits = Limits(new ProcessTerms());
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(limits.TryTake()));
        limits.Ended();
        Assert.False(_life.Drain.IsCancellationRequested);
        _life.Stop();
        Assert.False(limits.TryTake());
    }

    [Fact]
    public void It_ends_when_a_job_has_ended_and_it_uses_too_much_memory()
    {
        var limits = Limits(new ProcessTerms { MaxMemory = 300 * MiB });
        limits.TryTake();
        _clock.Advance(ProcessLimits.LeastInterval);
        limits.Ended();
        Assert.Equal(ConsumerEnd.None, _life.End);
        _memory = 300 * MiB;
        _clock.Advance(ProcessLimits.LeastInterval);
        limits.Ended();
        Assert.Equal(ConsumerEnd.Spent, _life.End);
    }

    [Fact]
    public async Task Memory_is_looked_at_while_a_long_job_runs_but_not_before_the_first()
    {
        var limits = Limits(new ProcessTerms { MaxMemory = 100 * MiB });
        var watching = limits.WatchAsync();
        _clock.Advance(ProcessLimits.Interval);
        Assert.True(SpinWait.SpinUntil(() => _clock.Timers == 1, TimeSpan.FromSeconds(10)));
        Assert.Equal(ConsumerEnd.None, _life.End);
        limits.TryTake();
        _clock.Advance(ProcessLimits.Interval);
        await watching.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(ConsumerEnd.Spent, _life.End);
    }

    private ProcessLimits Limits(ProcessTerms terms) => new(terms, _life, () => _memory, _clock);
}
