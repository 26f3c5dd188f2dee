using System.Collections.Concurrent;
using System.Diagnostics;
using Broker.Contracts;
using Broker.Pool;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Unit.Pool;

public sealed class When_a_call_ends : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(EventId Event, string Message)> _events = new();
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;
    private readonly ILoggerFactory _logs;
    private readonly Activity _test = new Activity("test").Start();

    public When_a_call_ends()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == BrokerTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (span.TraceId == _test.TraceId && span.Kind == ActivityKind.Producer)
                    _spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(_listener);
        _logs = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(this));
    }

    [Fact]
    public async Task A_single_result_completes_it()
    {
        await using var pool = await PoolAsync();
        Assert.Equal("a", await pool.CallAsync(new Echo("a")));
        await (await pool.SubmitAsync(new Echo("b")));
        Assert.Equal([EventActions.BatchFinished, EventActions.BatchFinished], Ends);
        Assert.All(_events.Where(one => one.Event == EventActions.BatchFinished), one => Assert.EndsWith("is complete: 1 items", one.Message, StringComparison.Ordinal));
        Assert.Equal([ActivityStatusCode.Ok, ActivityStatusCode.Ok], _spans.Select(span => span.Status));
    }

    [Fact]
    public async Task A_failed_item_completes_it_as_well()
    {
        await using var pool = await PoolAsync();
        await Assert.ThrowsAsync<JobFailedException>(() => pool.CallAsync(new Echo("bad")));
        Assert.Equal([EventActions.BatchFinished], Ends);
    }

    [Fact]
    public async Task A_loop_that_is_left_is_not_a_cancelled_one()
    {
        await using var pool = await PoolAsync();
        await foreach (var _ in pool.StreamAsync([new Echo("a"), new Echo("never")], new BatchOptions { Chunk = 1 }))
            break;
        Assert.Equal([EventActions.BatchFinished], Ends);
        Assert.Contains(_events, one => one.Message.EndsWith("was left by its caller with 1 items answered", StringComparison.Ordinal));
        Assert.Equal([ActivityStatusCode.Ok], _spans.Select(span => span.Status));
    }

    [Fact]
    public async Task A_deadline_that_passes_cancels_it()
    {
        await using var pool = await PoolAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => pool.CallAsync(new Echo("never"), new CallOptions { Deadline = TimeSpan.FromMilliseconds(50) }));
        Assert.Equal([EventActions.BatchCancelled], Ends);
        Assert.Equal([ActivityStatusCode.Error], _spans.Select(span => span.Status));
    }

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _events.Enqueue((eventId, formatter(state, exception)));

    public void Dispose()
    {
        _listener.Dispose();
        _logs.Dispose();
        _test.Dispose();
    }

    private IEnumerable<EventId> Ends => _events.Select(one => one.Event).Where(one => one == EventActions.BatchFinished || one == EventActions.BatchCancelled);

    private Task<JobPool> PoolAsync() => Echo.PoolAsync(new BrokerOptions { Logs = _logs });
}
