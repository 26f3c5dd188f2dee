using System.Threading.Channels;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_something_is_started_once
{
    private static readonly AsyncLocal<string?> Caller = new();

    private readonly Channel<TaskCompletionSource<int>> _starts = Channel.CreateUnbounded<TaskCompletionSource<int>>();
    private readonly Once<int> _once;

    public When_something_is_started_once() => _once = new Once<int>(() =>
    {
        Assert.Null(Caller.Value);
        var start = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Writer.TryWrite(start);
        return start.Task;
    });

    [Fact]
    public async Task All_who_need_it_wait_for_the_same_start_and_keep_what_it_made()
    {
        Assert.Null(_once.Started);
        var (first, second) = (_once.GetAsync(), _once.GetAsync());
        (await StartAsync()).SetResult(7);
        Assert.All(await Task.WhenAll(first, second, _once.GetAsync()), made => Assert.Equal(7, made));
        Assert.Equal(0, _starts.Reader.Count);
    }

    [Fact]
    public async Task A_start_that_failed_or_was_cancelled_is_not_remembered()
    {
        var failed = _once.GetAsync();
        (await StartAsync()).SetException(new IOException("away"));
        await Assert.ThrowsAsync<IOException>(() => failed);
        var cancelled = _once.GetAsync();
        (await StartAsync()).SetCanceled(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        var third = _once.GetAsync();
        (await StartAsync()).SetResult(3);
        Assert.Equal(3, await third);
    }

    [Fact]
    public async Task It_gets_nothing_of_the_callers_context()
    {
        Caller.Value = "request";
        var getting = _once.GetAsync();
        (await StartAsync()).SetResult(1);
        Assert.Equal(1, await getting);
    }

    private async Task<TaskCompletionSource<int>> StartAsync() => await _starts.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
}
