using Broker.Consumer.Supervision;
using Broker.Hosting.Lifetime;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Supervision;

public sealed class When_a_process_is_told_to_stop_more_than_once : IDisposable
{
    private readonly ConsumerLifetime _life = new(NullLogger.Instance);
    private readonly ManualClock _clock = new();
    private readonly StopRequests _stops;

    public When_a_process_is_told_to_stop_more_than_once()
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        _stops = new StopRequests(_life, _clock);
    }

    public void Dispose() => _life.Dispose();

    [Fact]
    public void Any_number_of_SIGTERMs_and_orders_is_one_stop()
    {
        for (var signal = 0; signal < 5; signal++)
        {
            _stops.Stop();
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((true, false), (_life.Drain.IsCancellationRequested, _life.CancelJobs.IsCancellationRequested));
    }

    [Fact]
    public void A_SIGINT_that_was_forwarded_as_well_is_one_stop()
    {
        _stops.Interrupt();
        _clock.Advance(StopRequests.Forwarded);
        _stops.Interrupt();
        Assert.Equal((true, false), (_life.Drain.IsCancellationRequested, _life.CancelJobs.IsCancellationRequested));
    }

    [Fact]
    public void A_second_Ctrl_C_cancels_the_running_jobs()
    {
        _stops.Interrupt();
        _clock.Advance(StopRequests.Forwarded + TimeSpan.FromMilliseconds(1));
        _stops.Interrupt();
        Assert.True(_life.CancelJobs.IsCancellationRequested);
    }

    [Fact]
    public void A_Ctrl_C_after_a_SIGTERM_cancels_the_running_jobs()
    {
        _stops.Stop();
        _clock.Advance(TimeSpan.FromSeconds(1));
        _stops.Interrupt();
        Assert.True(_life.CancelJobs.IsCancellationRequested);
    }
}
