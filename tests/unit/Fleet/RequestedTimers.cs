using System.Threading.Channels;

namespace Broker.Tests.Unit.Fleet;

/// <summary>A clock whose timers go off only when a test says so; hands them over in the order in which they were made.</summary>
internal sealed class RequestedTimers : TimeProvider
{
    private readonly Channel<RequestedTimer> _timers = Channel.CreateUnbounded<RequestedTimer>();

    public int Unseen => _timers.Reader.Count;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new RequestedTimer(dueTime, () => callback(state));
        _timers.Writer.TryWrite(timer);
        return timer;
    }

    public async Task<RequestedTimer> NextAsync() => await _timers.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    internal sealed class RequestedTimer(TimeSpan due, Action goOff) : ITimer
    {
        public TimeSpan Due => due;

        public void GoOff() => goOff();

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
