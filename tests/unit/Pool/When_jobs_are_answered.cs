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

    [Fact]
    public void One_that_was_sent_again_is_told_with_the_last_of_its_items()
    {
        var copy = _jobs.Pending[1].Message.JobId;
        _jobs.SentAgain(5);

        Assert.Empty(Answer(0, 1, 2, 3, 4));
        Assert.Empty(Answer(5, 6, 8, 9));
        Assert.Equal([copy], Answer(7));
        Assert.Empty(Answer(7));
    }

    private static void Send(InFlightJobs jobs, long first, int count, int bytes)
    {
        jobs.Add(SomeJob.Of("kind", index: first), count, bytes);
        jobs.Confirmed(first);
    }

    private List<Guid> Answer(params long[] indices) => [.. _results.Accept(Outcomes.Of(indices)).SelectMany(_jobs.Answered)];

    private bool HasRoom() => _window.EnterAsync(100, CancellationToken.None).IsCompleted;
}
