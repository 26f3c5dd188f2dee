using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_jobs_are_in_flight
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task A_fixed_window_lets_so_many_in_and_the_next_when_one_has_left()
    {
        var window = new InFlightWindow(3);
        await EnterAsync(window, 3, bytes: 10);
        var fourth = window.EnterAsync(10, CancellationToken.None);
        Assert.False(fourth.IsCompleted);
        window.Left(10, 0);
        await fourth.WaitAsync(Patience);
        Assert.False(window.EnterAsync(10, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Without_one_thirty_two_jobs_are_let_in_before_anything_is_known()
    {
        var window = new InFlightWindow(null);
        await EnterAsync(window, 32, bytes: 10);
        Assert.False(window.EnterAsync(10, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task A_large_fleet_is_never_left_idle_by_a_small_window()
    {
        var window = new InFlightWindow(null);
        for (var process = 0; process < 10; process++)
            window.Seen("host", process, 10);
        Assert.Equal(100, window.Slots);
        await EnterAsync(window, 200, bytes: 10);
        Assert.False(window.EnterAsync(10, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public void A_process_that_is_heard_of_again_counts_once_with_what_it_said_last()
    {
        var window = new InFlightWindow(null);
        window.Seen("host", 1, 4);
        window.Seen("host", 1, 2);
        window.Seen("other", 1, 3);
        Assert.Equal(5, window.Slots);
    }

    [Fact]
    public async Task Bytes_on_the_way_close_it_too()
    {
        var window = new InFlightWindow(100);
        await EnterAsync(window, 4, bytes: 8 * Megabyte);
        var fifth = window.EnterAsync(1, CancellationToken.None);
        Assert.False(fifth.IsCompleted);
        window.Left(8 * Megabyte, 0);
        await fifth.WaitAsync(Patience);
    }

    [Fact]
    public async Task Outcomes_that_nobody_takes_close_it_and_taking_them_opens_it()
    {
        var window = new InFlightWindow(100);
        await EnterAsync(window, 1, bytes: 10);
        window.Arrived(40 * Megabyte);
        window.Left(10, 40 * Megabyte);
        var next = window.EnterAsync(10, CancellationToken.None);
        Assert.False(next.IsCompleted);
        window.Taken(40 * Megabyte);
        await next.WaitAsync(Patience);
    }

    [Fact]
    public async Task Outcomes_that_are_to_be_expected_count_before_they_come()
    {
        var window = new InFlightWindow(100);
        await EnterAsync(window, 1, bytes: 10);
        window.Arrived(8 * Megabyte);
        window.Left(10, 8 * Megabyte);
        window.Taken(8 * Megabyte);
        // Eight megabytes an answer, thirty-two in all.
        await EnterAsync(window, 4, bytes: 10);
        Assert.False(window.EnterAsync(10, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task One_job_is_always_let_in_however_large()
    {
        var window = new InFlightWindow(null);
        await EnterAsync(window, 1, bytes: 100 * Megabyte);
        window.Left(100 * Megabyte, 100 * Megabyte);
        await EnterAsync(window, 1, bytes: 100 * Megabyte);
    }

    [Fact]
    public async Task Who_waits_can_give_up()
    {
        var window = new InFlightWindow(1);
        await EnterAsync(window, 1, bytes: 1);
        using var stop = new CancellationTokenSource();
        var waiting = window.EnterAsync(1, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static TimeSpan Patience => TimeSpan.FromSeconds(10);

    private static async Task EnterAsync(InFlightWindow window, int jobs, int bytes)
    {
        for (var job = 0; job < jobs; job++)
        {
            var entering = window.EnterAsync(bytes, CancellationToken.None);
            Assert.True(entering.IsCompleted, $"job {job + 1} of {jobs} was not let in");
            await entering;
        }
    }
}
