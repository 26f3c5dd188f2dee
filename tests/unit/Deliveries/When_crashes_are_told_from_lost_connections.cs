using Broker.Connection;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Deliveries;
using Broker.Hosting.Running;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Deliveries;

public sealed class When_crashes_are_told_from_lost_connections
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly RunJob Job = new()
    {
        JobId = Guid.CreateVersion7(),
        BatchId = Guid.CreateVersion7(),
        Kind = "double",
        Items = new RawJson("[1]"u8.ToArray()),
        Indices = ItemIndices.From(7),
        SubmittedAt = DateTimeOffset.UnixEpoch,
        SubmittedBy = new ProcessIdentity("h", 1, "n"),
    };

    private readonly ManualClock _clock = new();
    private readonly LostJobs _here;
    private readonly LostJobs _there;

    public When_crashes_are_told_from_lost_connections() => (_here, _there) = (new LostJobs(_clock), new LostJobs(_clock));

    [Fact]
    public async Task Losses_of_this_and_of_other_processes_are_no_crashes()
    {
        _here.Add(Job);
        _there.Add(Job);
        _there.Add(Job);
        var count = new CrashCount(_here, Ask, _clock);
        Assert.Equal(2, count.Of(Job, 3));
        Assert.Equal(0, await count.AskAsync(Job, 3, final: true, CancellationToken.None).WaitAsync(Limit));
        Assert.Equal(0, count.Of(Job, 3));
        Assert.Equal(1, count.Of(Job with { Indices = ItemIndices.From(8) }, 1));
    }

    [Fact]
    public async Task Crashes_are_found_when_nobody_answers()
    {
        var asked = 0;
        var counting = new CrashCount(_here, _ => Task.FromResult(asked++), _clock).AskAsync(Job, 2, final: true, CancellationToken.None);
        Assert.False(counting.IsCompleted);
        Pass(CrashCount.AnswerTimeout);
        Assert.Equal(2, await counting.WaitAsync(Limit));
        Assert.True(asked >= 1);
    }

    [Fact]
    public async Task A_job_that_is_not_given_up_waits_only_a_moment_for_answers()
    {
        var counting = new CrashCount(_here, _ => Task.CompletedTask, _clock).AskAsync(Job, 2, final: false, CancellationToken.None);
        Pass(CrashCount.QuickAnswerTimeout);
        Assert.Equal(2, await counting.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_process_that_lost_its_own_connection_waits_for_others_to_reconnect()
    {
        _here.Add(Job with { JobId = Guid.NewGuid() });
        var there = false;
        var counting = new CrashCount(_here, question => there ? Ask(question) : throw new BrokerUnavailableException("reconnecting"), _clock).AskAsync(Job, 1, final: true, CancellationToken.None);
        _there.Add(Job);
        Pass(CrashCount.AnswerTimeout);
        Assert.False(counting.IsCompleted);
        there = true;
        Pass(TimeSpan.FromSeconds(0.5));
        Assert.Equal(0, await counting.WaitAsync(Limit));
    }

    [Fact]
    public async Task A_wait_for_answers_ends_with_its_job()
    {
        using var stop = new CancellationTokenSource();
        var counting = new CrashCount(_here, Ask, _clock).AskAsync(Job, 2, final: true, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => counting.WaitAsync(Limit));
    }

    private Task Ask(AskLosses question)
    {
        if (_there.AnswerTo(question) is { } answer)
            _here.Learn(answer);
        return Task.CompletedTask;
    }

    /// <summary>In steps: each wait begins on another thread.</summary>
    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(0.5))
        {
            Assert.True(SpinWait.SpinUntil(() => _clock.Timers > 0, Limit));
            _clock.Advance(TimeSpan.FromSeconds(0.5));
            Thread.Yield();
        }
    }
}
