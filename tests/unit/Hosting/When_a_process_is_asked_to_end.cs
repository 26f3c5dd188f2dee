using Broker.Hosting.Lifetime;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Hosting;

public sealed class When_a_process_is_asked_to_end : IDisposable
{
    private readonly ConsumerLifetime _life = new(NullLogger.Instance);
    private readonly List<string> _ends = [];

    public When_a_process_is_asked_to_end() => _life.Ending += end => _ends.Add($"{end}");

    public void Dispose() => _life.Dispose();

    [Fact]
    public void A_process_that_retires_gives_its_other_jobs_the_time_they_need()
    {
        _life.Retire("a handler hangs");
        Assert.Equal((true, false, false, 1), State());
    }

    [Fact]
    public void The_first_request_after_it_retired_does_not_cancel_its_jobs()
    {
        _life.Retire("a handler hangs");
        _life.Stop();
        Assert.Equal((true, true, false, 1), State());
        _life.Stop();
        Assert.Equal((true, true, false, 1), State());
        _life.CancelNow();
        Assert.Equal((true, true, true, 1), State());
    }

    [Theory]
    [InlineData(nameof(ConsumerEnd.Spent))]
    [InlineData(nameof(ConsumerEnd.Idle))]
    public void A_process_that_has_done_its_part_ends_with_0_when_its_jobs_are_done(string end)
    {
        _life.Leave(Enum.Parse<ConsumerEnd>(end), "it has done its part");
        Assert.Equal((true, false, false, 0), State());
        Assert.Equal([end], _ends);
    }

    [Theory]
    [InlineData(false, nameof(ConsumerEnd.Drained))]
    [InlineData(true, nameof(ConsumerEnd.AllDrained))]
    public void A_drained_process_has_the_shutdown_timeout_for_its_jobs(bool all, string end)
    {
        _life.BeDrained(all);
        Assert.Equal((true, true, false, 0), State());
        _life.Stop();
        Assert.Equal((true, true, false, 0), State());
        Assert.Equal([end], _ends);
    }

    [Fact]
    public void Only_the_first_reason_is_told()
    {
        _life.Leave(ConsumerEnd.Spent, "it has run enough jobs");
        _life.Retire("a handler hangs");
        _life.BeDrained(all: false);
        Assert.Equal(["Spent"], _ends);
        Assert.Equal((true, true, false, 0), State());
    }

    [Fact]
    public void A_process_that_was_asked_to_end_has_no_reason_of_its_own()
    {
        _life.Stop();
        _life.BeDrained(all: true);
        _life.Leave(ConsumerEnd.Idle, "there is nothing to do");
        Assert.Empty(_ends);
    }

    private (bool Drains, bool Asked, bool CancelsJobs, int ExitCode) State() =>
        (_life.Drain.IsCancellationRequested, _life.Asked.IsCancellationRequested, _life.CancelJobs.IsCancellationRequested, _life.ExitCode);
}
