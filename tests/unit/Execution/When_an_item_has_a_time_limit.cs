using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Execution;

public sealed class When_an_item_has_a_time_limit
{
    [Fact]
    public async Task An_item_within_its_time_limit_succeeds() =>
        await new ItemTimeLimit(TimeSpan.FromMinutes(1), CancellationToken.None).RunAsync(_ => Task.CompletedTask, Unexpected);

    [Fact]
    public async Task A_time_limit_beyond_what_a_timer_allows_is_no_error() =>
        await new ItemTimeLimit(TimeSpan.MaxValue, CancellationToken.None).RunAsync(_ => Task.CompletedTask, Unexpected);

    [Fact]
    public async Task An_item_that_honours_its_token_fails_as_timed_out()
    {
        var error = await Assert.ThrowsAsync<ItemTimedOutException>(() =>
            new ItemTimeLimit(TimeSpan.FromMilliseconds(50), CancellationToken.None).RunAsync(token => Task.Delay(Timeout.Infinite, token), Unexpected));
        Assert.Equal("ran longer than 0.05 s", error.Message);
    }

    [Fact]
    public async Task An_items_own_exception_is_not_a_timeout() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            new ItemTimeLimit(TimeSpan.FromMinutes(1), CancellationToken.None).RunAsync(_ => throw new InvalidOperationException(), Unexpected));

    [Fact]
    public async Task An_items_own_TimeoutException_is_not_the_time_limit() =>
        await Assert.ThrowsAsync<TimeoutException>(() =>
            new ItemTimeLimit(TimeSpan.FromMinutes(1), CancellationToken.None).RunAsync(_ => throw new TimeoutException(), Unexpected));

    [Fact]
    public async Task A_cancellation_for_another_reason_is_not_a_timeout()
    {
        using var stop = new CancellationTokenSource();
        var running = new ItemTimeLimit(TimeSpan.FromMinutes(1), stop.Token).RunAsync(token => Task.Delay(Timeout.Infinite, token), Unexpected);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_running_item_sees_that_its_time_limit_has_passed()
    {
        var limit = new ItemTimeLimit(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        var over = new List<bool>();
        await Assert.ThrowsAsync<ItemTimedOutException>(() => limit.RunAsync(
            async token =>
            {
                over.Add(limit.IsOver);
                try
                {
                    await Task.Delay(Timeout.Infinite, token);
                }
                finally
                {
                    over.Add(limit.IsOver);
                }
            },
            Unexpected));
        Assert.Equal([false, true], over);
    }

    private static void Unexpected() => Assert.Fail("it was taken for hung");
}
