using Broker.Hosting.Execution;

namespace Broker.Tests.Unit.Execution;

public sealed class When_an_item_has_a_time_limit
{
    [Fact]
    public async Task One_that_is_done_in_time_is_left_alone() =>
        await ItemTimeLimit.RunAsync(TimeSpan.FromMinutes(1), _ => Task.CompletedTask, Unexpected, CancellationToken.None);

    [Fact]
    public async Task One_that_heeds_its_token_fails_as_timed_out()
    {
        var error = await Assert.ThrowsAsync<ItemTimedOutException>(() =>
            ItemTimeLimit.RunAsync(TimeSpan.FromMilliseconds(50), token => Task.Delay(Timeout.Infinite, token), Unexpected, CancellationToken.None));
        Assert.Equal("ran longer than 0.05 s", error.Message);
    }

    [Fact]
    public async Task An_error_of_its_own_stays_that_error() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            ItemTimeLimit.RunAsync(TimeSpan.FromMinutes(1), _ => throw new InvalidOperationException(), Unexpected, CancellationToken.None));

    [Fact]
    public async Task A_timeout_of_its_own_is_not_taken_for_the_limit() =>
        await Assert.ThrowsAsync<TimeoutException>(() =>
            ItemTimeLimit.RunAsync(TimeSpan.FromMinutes(1), _ => throw new TimeoutException(), Unexpected, CancellationToken.None));

    [Fact]
    public async Task A_stop_for_another_reason_is_no_timeout()
    {
        using var stop = new CancellationTokenSource();
        var running = ItemTimeLimit.RunAsync(TimeSpan.FromMinutes(1), token => Task.Delay(Timeout.Infinite, token), Unexpected, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static void Unexpected() => Assert.Fail("it was taken for hung");
}
