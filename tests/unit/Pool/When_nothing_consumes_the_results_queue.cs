using Broker.Connection;
using Broker.Pool;
using Broker.Tests.Support;
using Broker.Topology;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Pool;

public sealed class When_nothing_consumes_the_results_queue
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly ManualClock _clock = new();
    private readonly List<Started> _started = [];
    private readonly ResultsReceiver _receiver;
    private Func<string, Task> _start = _ => Task.CompletedTask;
    private Func<string, QueueDepth?> _look = _ => new QueueDepth(0, 1);

    public When_nothing_consumes_the_results_queue() => _receiver = new ResultsReceiver(ListenAsync, (client, _) => Task.FromResult(_look(client)), _clock, NullLogger.Instance);

    [Fact]
    public async Task The_receiver_is_started_again_with_the_same_queue_after_two_seconds()
    {
        await _receiver.ListenAsync();
        Assert.Equal(InboxState.Listening, await LookAsync());
        var client = _receiver.ClientId;
        _look = _ => new QueueDepth(3, 0);
        Assert.Equal(InboxState.Unknown, await LookAsync());
        Assert.Single(_started);
        Assert.Equal(InboxState.Unknown, await LookAsync());
        Assert.Equal([client, client], _started.Select(one => one.Client));
        await _started[0].Disposed.WaitAsync(Limit);
        _look = _ => new QueueDepth(0, 1);
        Assert.Equal((InboxState.Listening, client), (await LookAsync(), _receiver.ClientId));
        Assert.True(await _receiver.StopAsync());
        Assert.True(_started[1].Disposed.IsCompleted);
    }

    [Fact]
    public async Task Looks_that_are_not_in_a_row_change_nothing()
    {
        await _receiver.ListenAsync();
        for (var look = 0; look < 6; look++)
        {
            _look = _ => new QueueDepth(0, look % 2);
            await LookAsync();
        }

        Assert.Single(_started);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_that_cannot_be_consumed_is_replaced_and_that_is_told_once(bool silent)
    {
        await _receiver.ListenAsync();
        var old = _receiver.ClientId;
        _look = client => client == old ? null : new QueueDepth(0, 1);
        _start = client => client != old ? Task.CompletedTask : silent ? new TaskCompletionSource().Task : throw new BrokerUnavailableException("no leader");
        await LookAsync();
        var looking = LookAsync();
        if (silent)
            _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(InboxState.Unknown, await looking.WaitAsync(Limit));
        Assert.NotEqual(old, _receiver.ClientId);
        Assert.Equal((InboxState.Moved, InboxState.Listening), (await LookAsync(), await LookAsync()));
        await _started[0].Disposed.WaitAsync(Limit);
    }

    [Fact]
    public async Task A_broker_that_is_away_is_no_reason_to_replace_it()
    {
        await _receiver.ListenAsync();
        var old = _receiver.ClientId;
        _look = _ => null;
        await LookAsync();
        _start = _ =>
        {
            _look = _ => throw new BrokerUnavailableException("away");
            throw new BrokerUnavailableException("away");
        };
        await Assert.ThrowsAsync<BrokerUnavailableException>(LookAsync);
        (_look, _start) = (_ => new QueueDepth(0, 0), _ => Task.CompletedTask);
        await LookAsync();
        await LookAsync();
        _look = _ => new QueueDepth(0, 1);
        Assert.Equal((InboxState.Listening, old), (await LookAsync(), _receiver.ClientId));
    }

    private Task<InboxState> LookAsync()
    {
        _clock.Advance(TimeSpan.FromSeconds(2));
        return _receiver.LookAsync(TestContext.Current.CancellationToken);
    }

    private async Task<IAsyncDisposable> ListenAsync(string client)
    {
        await _start(client);
        var started = new Started(client);
        _started.Add(started);
        return started;
    }

    private sealed class Started(string client) : IAsyncDisposable
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Client => client;

        public Task Disposed => _disposed.Task;

        public ValueTask DisposeAsync()
        {
            _disposed.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
