using Broker.Hosting.Lifetime;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Hosting;

public sealed class When_a_process_is_asked_to_end : IDisposable
{
    private readonly ConsumerLifetime _life = new(NullLogger.Instance);

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
        Assert.Equal((true, true, true, 1), State());
    }

    [Fact]
    public void The_second_request_cancels_its_jobs()
    {
        _life.Stop();
        Assert.Equal((true, true, false, 0), State());
        _life.Stop();
        Assert.Equal((true, true, true, 0), State());
    }

    private (bool Drains, bool Asked, bool CancelsJobs, int ExitCode) State() =>
        (_life.Drain.IsCancellationRequested, _life.Asked.IsCancellationRequested, _life.CancelJobs.IsCancellationRequested, _life.ExitCode);
}
