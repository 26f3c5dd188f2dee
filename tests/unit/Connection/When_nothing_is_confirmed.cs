using Broker.Bus;
using Broker.Connection;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Unit.Connection;

public sealed class When_nothing_is_confirmed : IDisposable
{
    private readonly Lines _log = new();
    private readonly HandTurnedClock _clock = new();
    private readonly BlockedWatch _watch;

    public When_nothing_is_confirmed() => _watch = new BlockedWatch(BrokerAddress.Parse("amqp://me:secret@host/"), _log, _clock);

    [Fact]
    public void It_is_told_once_after_five_seconds_and_that_it_is_over()
    {
        _watch.Sending();
        _watch.Sending();
        _clock.Turn(4);
        Assert.Empty(_log);
        _clock.Turn(2);
        _clock.Turn(20);
        Assert.Contains("has confirmed nothing for", Assert.Single(_log), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", _log[0], StringComparison.Ordinal);
        _watch.Ended(confirmed: true);
        _watch.Ended(confirmed: true);
        Assert.EndsWith("confirms messages again", _log[1], StringComparison.Ordinal);
        Assert.Equal(2, _log.Count);
    }

    [Fact]
    public void Messages_that_wait_behind_others_that_are_confirmed_are_no_sign()
    {
        _watch.Sending();
        for (var second = 0; second < 30; second++)
        {
            _watch.Sending();
            _clock.Turn(1);
            _watch.Ended(confirmed: true);
        }

        Assert.Empty(_log);
    }

    [Fact]
    public void Silence_with_nothing_to_confirm_is_no_sign()
    {
        _watch.Sending();
        _watch.Ended(confirmed: true);
        _clock.Turn(60);
        Assert.Empty(_log);
    }

    public void Dispose() => _watch.Dispose();

    private sealed class Lines : List<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));
    }

    /// <summary>One timer, by hand.</summary>
    private sealed class HandTurnedClock : TimeProvider, ITimer
    {
        private long _now;
        private long _due = long.MaxValue;
        private TimerCallback _callback = _ => { };

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            return this;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _due = _now + (long)dueTime.TotalMilliseconds;
            return true;
        }

        public void Turn(int seconds)
        {
            for (var end = _now + (seconds * 1000); _now < end;)
            {
                _now += 100;
                if (_now < _due)
                    continue;
                _due = long.MaxValue;
                _callback(null);
            }
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
