using Broker.Pool;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Pool;

public sealed class When_jobs_are_answered
{
    private readonly InFlightWindow _window = new(3);
    private readonly InFlightJobs _jobs;
    private readonly BatchResults _results = new(NullLogger.Instance);

    public When_jobs_are_answered()
    {
        _jobs = new InFlightJobs(_window, TimeProvider.System);
        for (var first = 0; first < 15; first += 5)
        {
            Assert.True(_window.EnterAsync(100, CancellationToken.None).IsCompletedSuccessfully);
            Send(_jobs, first, 5, 100);
        }
    }

    [Fact]
    public void A_job_leaves_the_window_with_the_last_of_its_items()
    {
        Answer(0, 1, 2, 4);
        Assert.False(HasRoom());
        Answer(3);
        Assert.True(HasRoom());
        Assert.Equal([5, 10], _jobs.Pending.Select(job => job.First));
    }

    [Fact]
    public void One_answer_may_complete_several_jobs()
    {
        Answer([.. Enumerable.Range(3, 12).Select(index => (long)index)]);
        Assert.Equal([0], _jobs.Pending.Select(job => job.First));
        Answer(0, 1, 2);
        Assert.Empty(_jobs.Pending);
    }

    [Fact]
    public void An_answer_that_comes_twice_counts_once()
    {
        Answer(5, 6, 7, 8);
        Answer(5, 6, 7, 8);
        Assert.Equal(3, _jobs.Pending.Count);
        Answer(9);
        Assert.Equal([0, 10], _jobs.Pending.Select(job => job.First));
    }

    [Fact]
    public void Jobs_that_are_done_are_forgotten_though_the_first_is_not()
    {
        var window = new InFlightWindow(1_000_000);
        var jobs = new InFlightJobs(window, TimeProvider.System);
        var results = new BatchResults(NullLogger.Instance);
        Send(jobs, 0, 1, 1);
        for (var index = 1; index < 2000; index++)
        {
            Send(jobs, index, 1, 1);
            foreach (var chunk in results.Accept(Outcomes.Of(index)))
                jobs.Answered(chunk);
        }

        Assert.Equal([0], jobs.Pending.Select(job => job.First));
        Assert.InRange(jobs.Kept, 1, 70);
    }

    private static void Send(InFlightJobs jobs, long first, int count, int bytes)
    {
        jobs.Add(SomeJob.Of("kind", index: first), count, bytes);
        jobs.Confirmed(first);
    }

    private void Answer(params long[] indices)
    {
        foreach (var chunk in _results.Accept(Outcomes.Of(indices)))
            _jobs.Answered(chunk);
    }

    private bool HasRoom() => _window.EnterAsync(100, CancellationToken.None).IsCompleted;
}
