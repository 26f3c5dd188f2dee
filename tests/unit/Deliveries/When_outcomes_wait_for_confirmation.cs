using System.Text;
using Broker.Bus;
using Broker.Connection;
using Broker.Hosting.Deliveries;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Unit.Deliveries;

public sealed class When_outcomes_wait_for_confirmation : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly ManualClock _clock = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _logged = new(0);
    private readonly List<(string Type, string[] Bodies)> _sent = [];
    private readonly Queue<TaskCompletionSource> _confirms = new();
    private readonly Outbox _outbox;

    public When_outcomes_wait_for_confirmation() => _outbox = new Outbox(SendAsync, _clock, new Signal(_logged));

    public void Dispose()
    {
        _arrived.Dispose();
        _logged.Dispose();
    }

    [Fact]
    public async Task What_is_posted_meanwhile_travels_in_one_message()
    {
        var first = Post("1");
        var others = new[] { Post("2"), Post("3") };
        await ConfirmAsync();
        await first.WaitAsync(Limit);
        Assert.All(others, other => Assert.False(other.IsCompleted));
        await ConfirmAsync();
        await Task.WhenAll(others).WaitAsync(Limit);
        Assert.Equal([(MessageTypes.JobCompleted, "1"), (MessageTypes.JobsCompleted, "2,3")], _sent.Select(message => (message.Type, string.Join(',', message.Bodies))));
    }

    [Fact]
    public async Task Callers_do_not_wait_for_each_other_and_an_older_one_gets_single_messages()
    {
        var posts = new[] { Post("1"), Post("2", caller: "b"), Post("3", joinable: false), Post("4", joinable: false) };
        for (var i = 0; i < 4; i++)
            await ConfirmAsync();
        await Task.WhenAll(posts).WaitAsync(Limit);
        Assert.Equal(["1", "2", "3", "4"], _sent.Select(message => Assert.Single(message.Bodies)));
    }

    [Fact]
    public async Task What_is_not_confirmed_is_sent_again_until_it_is()
    {
        var post = Post("1");
        for (var minutes = 0; minutes < 3; minutes++)
            await RefuseAsync(new BrokerUnavailableException("a memory alarm"));
        Assert.False(post.IsCompleted);
        await ConfirmAsync();
        await post.WaitAsync(Limit);
        Assert.Equal(4, _sent.Count);
    }

    [Fact]
    public async Task What_belongs_to_a_lost_connection_is_dropped_and_the_rest_is_sent()
    {
        using var connection = new CancellationTokenSource();
        var first = Post("1");
        var (lost, kept) = (Post("2", lost: connection.Token), Post("3"));
        await ConfirmAsync();
        await first.WaitAsync(Limit);
        // The two are on their way when the connection is lost.
        await ArrivedAsync();
        await connection.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost.WaitAsync(Limit));
        await RefuseAsync(new BrokerUnavailableException("down"));
        await ConfirmAsync();
        await kept.WaitAsync(Limit);
        Assert.Equal(["1", "2,3", "3"], _sent.Select(message => string.Join(',', message.Bodies)));
    }

    [Fact]
    public async Task A_caller_whose_queue_is_declared_again_gets_what_was_kept()
    {
        var post = Post("1");
        await RefuseAsync(new UnroutableException("no queue"));
        // Its delivery is let go: a caller that has ended must not block this process.
        await post.WaitAsync(Limit);
        await Post("2").WaitAsync(Limit);
        await ConfirmAsync();
        await ConfirmAsync();
        Assert.Equal(["1", "1", "2"], _sent.Select(message => Assert.Single(message.Bodies)));
    }

    [Fact]
    public async Task A_caller_without_a_queue_counts_as_gone_after_a_while()
    {
        var post = Post("1");
        for (var waited = TimeSpan.Zero; waited <= Outbox.MissingCallerTimeout; waited += Outbox.ResendDelay)
            await RefuseAsync(new UnroutableException("no queue"), last: waited == Outbox.MissingCallerTimeout);
        await post.WaitAsync(Limit);
        Assert.True(await _logged.WaitAsync(Limit));
        var next = Post("2");
        await ConfirmAsync();
        await next.WaitAsync(Limit);
        Assert.Equal("2", Assert.Single(_sent[^1].Bodies));
    }

    [Fact]
    public async Task A_message_holds_about_a_mebibyte_at_most()
    {
        var large = new string('x', 600_000);
        var posts = new[] { Post("1"), Post(large), Post(large), Post("4") };
        for (var i = 0; i < 3; i++)
            await ConfirmAsync();
        await Task.WhenAll(posts).WaitAsync(Limit);
        Assert.Equal([1, 1, 2], _sent.Select(message => message.Bodies.Length));
    }

    private Task Post(string body, string caller = "a", bool joinable = true, CancellationToken lost = default) =>
        _outbox.PostAsync(caller, Encoding.UTF8.GetBytes(body), joinable, lost);

    private async Task ConfirmAsync() => (await NextAsync()).SetResult();

    private async Task RefuseAsync(Exception error, bool last = false)
    {
        (await NextAsync()).SetException(error);
        if (last)
            return;
        // The delay before it is sent again begins on another thread.
        Assert.True(SpinWait.SpinUntil(() => _clock.Timers > 0, Limit));
        _clock.Advance(Outbox.ResendDelay);
    }

    private async Task ArrivedAsync()
    {
        Assert.True(await _arrived.WaitAsync(Limit));
        _arrived.Release();
    }

    private async Task<TaskCompletionSource> NextAsync()
    {
        Assert.True(await _arrived.WaitAsync(Limit));
        lock (_confirms)
            return _confirms.Dequeue();
    }

    private Task SendAsync(string type, string replyTo, Guid messageId, byte[] body)
    {
        var bodies = type == MessageTypes.JobsCompleted ? BodySequence.Split(body) : [body];
        var confirm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_confirms)
        {
            _sent.Add((type, [.. bodies.Select(one => Encoding.UTF8.GetString(one.Span).TrimEnd())]));
            _confirms.Enqueue(confirm);
        }

        _arrived.Release();
        return confirm.Task;
    }

    private sealed class Signal(SemaphoreSlim logged) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).StartsWith("no caller waits", StringComparison.Ordinal))
                logged.Release();
        }
    }
}
