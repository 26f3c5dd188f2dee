using Broker.Hosting.Deliveries;

namespace Broker.Tests.Unit.Execution;

public sealed class When_a_job_must_run_alone : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly ExclusiveGate _gate = new();

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task Shared_entries_run_concurrently()
    {
        using var first = await EnterAsync(alone: false);
        using var second = await EnterAsync(alone: false);
        Assert.NotSame(first, second);
    }

    [Fact]
    public async Task An_exclusive_entry_waits_for_running_jobs_and_later_entries_wait_for_it()
    {
        var first = await EnterAsync(alone: false);
        var second = await EnterAsync(alone: false);
        var alone = _gate.EnterAloneAsync(TimeSpan.Zero, CancellationToken.None);
        var behind = _gate.EnterAsync(CancellationToken.None);
        first.Dispose();
        Assert.False(alone.IsCompleted);
        second.Dispose();
        var inside = await alone.WaitAsync(Timeout);
        Assert.False(behind.IsCompleted);
        inside.Dispose();
        (await behind.WaitAsync(Timeout)).Dispose();
    }

    [Fact]
    public async Task Two_exclusive_entries_run_one_after_the_other()
    {
        var first = await EnterAsync(alone: true);
        var second = _gate.EnterAloneAsync(TimeSpan.Zero, CancellationToken.None);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second.WaitAsync(Timeout)).Dispose();
    }

    [Fact]
    public async Task A_cancelled_exclusive_entry_releases_later_entries()
    {
        var inside = await EnterAsync(alone: false);
        using var stop = new CancellationTokenSource();
        var alone = _gate.EnterAloneAsync(TimeSpan.Zero, stop.Token);
        var behind = _gate.EnterAsync(CancellationToken.None);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        (await behind.WaitAsync(Timeout)).Dispose();
        inside.Dispose();
        (await EnterAsync(alone: true)).Dispose();
    }

    [Fact]
    public async Task An_exclusive_entry_waits_for_the_jobs_that_run_now()
    {
        (await EnterAsync(alone: false)).Dispose();
        var first = await EnterAsync(alone: false);
        var alone = _gate.EnterAloneAsync(TimeSpan.Zero, CancellationToken.None);
        Assert.False(alone.IsCompleted);
        first.Dispose();
        (await alone.WaitAsync(Timeout)).Dispose();
    }

    [Fact]
    public async Task A_job_is_sent_on_when_those_that_run_have_left()
    {
        var inside = await EnterAsync(alone: false);
        var sent = false;
        var sending = _gate.SendOnAsync(() => Task.FromResult(sent = true), CancellationToken.None);
        Assert.False(sent);
        inside.Dispose();
        await sending.WaitAsync(Timeout);
        Assert.True(sent);
        (await EnterAsync(alone: true)).Dispose();
    }

    [Fact]
    public async Task A_job_is_sent_on_although_others_run_for_long()
    {
        using var inside = await EnterAsync(alone: false);
        var sent = false;
        await _gate.SendOnAsync(() => Task.FromResult(sent = true), CancellationToken.None).WaitAsync(Timeout);
        Assert.True(sent);
        using var second = await EnterAsync(alone: false);
        Assert.NotNull(second);
    }

    private Task<IDisposable> EnterAsync(bool alone) => (alone ? _gate.EnterAloneAsync(TimeSpan.Zero, CancellationToken.None) : _gate.EnterAsync(CancellationToken.None)).WaitAsync(Timeout);
}
