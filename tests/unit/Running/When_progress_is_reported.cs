using Broker.Connection;
using Broker.Contracts.Messages;
using Broker.Hosting.Running;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Running;

public sealed class When_progress_is_reported
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ManualClock _clock = new();
    private readonly RunningJobs _jobs = new();
    private readonly List<(string Caller, ProgressReport Report)> _told = [];
    private Exception? _failure;

    public When_progress_is_reported() => _jobs.Reported = new ProgressReports(TellAsync, _clock, NullLogger.Instance).Add;

    [Fact]
    public async Task However_often_a_handler_reports_its_caller_is_told_the_newest_once()
    {
        using var job = Enter("me");
        job.Start();
        for (var n = 1; n <= 1000; n++)
            job.Report(7, n / 1000.0, $"{n} of 1000");
        await PassAsync();
        var told = Assert.Single(Assert.Single(_told).Report.Jobs);
        Assert.Equal((job.JobId, job.BatchId, new ItemProgress(7, 1, "1000 of 1000")), (told.JobId, told.BatchId, told.Item));
        await PassAsync();
        Assert.Equal(0, _clock.Timers);
        Assert.Single(_told);
    }

    [Fact]
    public async Task What_comes_afterwards_is_told_with_the_next()
    {
        using var job = Enter("me");
        job.Report(0, 0.1, null);
        await PassAsync();
        job.Report(0, 0.2, null);
        await PassAsync();
        await PassAsync();
        Assert.Equal([0.1, 0.2], _told.Select(told => told.Report.Jobs[0].Item.Fraction));
    }

    [Fact]
    public async Task Jobs_of_one_caller_travel_together_and_those_that_ended_do_not()
    {
        using var one = Enter("me");
        using var two = Enter("me");
        using var other = Enter("you");
        var ended = Enter("me");
        foreach (var job in new[] { one, two, other, ended })
            job.Report(0, 0.5, null);
        ended.Dispose();
        ended.Report(0, 0.9, "too late");
        await PassAsync();
        Assert.Equal([("me", 2), ("you", 1)], _told.Select(told => (told.Caller, told.Report.Jobs.Count)));
    }

    [Fact]
    public async Task So_many_callers_are_told_at_once_and_the_others_next()
    {
        var jobs = Enumerable.Range(0, ProgressReports.MaxMessages + 5).Select(n => Enter($"caller-{n}")).ToList();
        jobs.ForEach(job => job.Report(0, 0.5, null));
        await PassAsync();
        Assert.Equal(ProgressReports.MaxMessages, _told.Count);
        await PassAsync();
        Assert.Equal(jobs.Count, _told.Select(told => told.Caller).Distinct().Count());
        jobs.ForEach(job => job.Dispose());
    }

    [Fact]
    public async Task A_broker_that_is_away_loses_it_and_the_next_is_told()
    {
        using var job = Enter("me");
        _failure = new BrokerUnavailableException("away");
        job.Report(0, 0.1, null);
        await PassAsync();
        _failure = null;
        job.Report(0, 0.2, null);
        await PassAsync();
        await PassAsync();
        Assert.Equal(0.2, Assert.Single(_told).Report.Jobs[0].Item.Fraction);
    }

    [Fact]
    public void Nobody_is_told_who_has_not_asked_and_status_knows_it()
    {
        using var unasked = _jobs.Enter(SomeJob.Of("kind") with { ReplyTo = "me" }, 1, CancellationToken.None);
        using var unwaited = _jobs.Enter(SomeJob.Of("kind") with { WantsProgress = true }, 1, CancellationToken.None);
        foreach (var job in new[] { unasked, unwaited })
        {
            job.Start();
            Assert.Null(job.Describe().Progress);
            job.Report(0, 0.5, "half");
            Assert.Equal(new ItemProgress(0, 0.5, "half"), job.Describe().Progress);
        }

        Assert.Equal(0, _clock.Timers);
    }

    private RunningJob Enter(string caller) => _jobs.Enter(SomeJob.Of("kind") with { ReplyTo = caller, WantsProgress = true }, 1, CancellationToken.None);

    private Task TellAsync(string caller, ProgressReport report)
    {
        if (_failure is { } failure)
            throw failure;
        _told.Add((caller, report));
        return Task.CompletedTask;
    }

    /// <summary>Lets an interval pass. What is done at its end is done within it; only the first begins on a thread of its own.</summary>
    private async Task PassAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (_clock.Timers == 0)
            await Task.Delay(1, limit.Token);
        _clock.Advance(ProgressReports.Interval);
    }
}
