using Broker.Connection;
using Broker.Hosting.Execution;
using Broker.Hosting.Lifetime;
using Broker.Hosting.Running;
using Broker.Tests.Support;
using Broker.Topology;

namespace Broker.Tests.Unit.Hosting;

public sealed class When_there_is_nothing_to_do
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly ManualClock _clock = new();
    private readonly RunningJobs _running = new();
    private readonly HostedKind _kind = When_a_consumer_receives_nothing.KindOf();
    private Func<KindQueues> _look = static () => new KindQueues(new QueueDepth(0, 1), null);
    private DateTimeOffset _retriesDue;

    [Fact]
    public async Task A_process_is_idle_after_a_quiet_time_although_it_never_had_a_job() => Assert.Equal(IdleWatch.Quiet, await TimeUntilIdleAsync());

    [Fact]
    public async Task A_job_that_runs_keeps_it()
    {
        var job = _running.Enter(SomeJob.Of("kind"), 1, CancellationToken.None);
        Assert.Equal(TimeSpan.FromSeconds(5) + IdleWatch.Quiet, await TimeUntilIdleAsync(at: TimeSpan.FromSeconds(5), job.Dispose));
    }

    [Fact]
    public async Task A_job_that_came_and_went_begins_the_quiet_time_anew() =>
        Assert.Equal(TimeSpan.FromSeconds(1.5) + IdleWatch.Quiet, await TimeUntilIdleAsync(at: TimeSpan.FromSeconds(1), _kind.Took));

    [Fact]
    public async Task Jobs_on_the_queue_and_a_broker_that_is_away_keep_it()
    {
        var looks = new Queue<Func<KindQueues>>([static () => new KindQueues(new QueueDepth(1, 1), null), static () => throw new BrokerUnavailableException("away"), _look]);
        _look = () => looks.Dequeue()();
        Assert.Equal(IdleWatch.Quiet + (2 * Step), await TimeUntilIdleAsync());
    }

    [Fact]
    public async Task An_item_that_failed_here_and_is_tried_again_keeps_it()
    {
        _retriesDue = _clock.GetUtcNow() + TimeSpan.FromSeconds(8);
        Assert.InRange(await TimeUntilIdleAsync(), TimeSpan.FromSeconds(8) + IdleWatch.Quiet - Step, TimeSpan.FromSeconds(8) + IdleWatch.Quiet);
    }

    private async Task<TimeSpan> TimeUntilIdleAsync(TimeSpan? at = null, Action? happens = null)
    {
        var watch = new IdleWatch((_, _) => Task.FromResult(_look()), [_kind], _running, () => _retriesDue, _clock);
        var idle = watch.UntilIdleAsync(CancellationToken.None);
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(1); passed += Step)
        {
            if (passed == at)
                happens!();
            Assert.True(SpinWait.SpinUntil(() => idle.IsCompleted || _clock.Timers > 0, Limit));
            if (idle.IsCompleted)
            {
                await idle;
                return passed;
            }

            _clock.Advance(Step);
        }

        throw new TimeoutException("it was never idle");
    }
}
