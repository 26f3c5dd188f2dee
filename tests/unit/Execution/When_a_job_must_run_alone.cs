using Broker.Hosting.Deliveries;

namespace Broker.Tests.Unit.Execution;

public sealed class When_a_job_must_run_alone : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ExclusiveGate _gate = new();

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task Others_run_side_by_side()
    {
        using var first = await EnterAsync(alone: false);
        using var second = await EnterAsync(alone: false);
        Assert.NotSame(first, second);
    }

    [Fact]
    public async Task It_enters_when_those_inside_have_left_and_those_behind_it_wait()
    {
        var first = await EnterAsync(alone: false);
        var second = await EnterAsync(alone: false);
        var alone = _gate.EnterAsync(alone: true, CancellationToken.None);
        var behind = _gate.EnterAsync(alone: false, CancellationToken.None);
        first.Dispose();
        Assert.False(alone.IsCompleted);
        second.Dispose();
        var inside = await alone.WaitAsync(Patience);
        Assert.False(behind.IsCompleted);
        inside.Dispose();
        (await behind.WaitAsync(Patience)).Dispose();
    }

    [Fact]
    public async Task Two_of_its_sort_enter_one_after_the_other()
    {
        var first = await EnterAsync(alone: true);
        var second = _gate.EnterAsync(alone: true, CancellationToken.None);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second.WaitAsync(Patience)).Dispose();
    }

    [Fact]
    public async Task Giving_up_the_wait_lets_those_behind_it_in()
    {
        var inside = await EnterAsync(alone: false);
        using var stop = new CancellationTokenSource();
        var alone = _gate.EnterAsync(alone: true, stop.Token);
        var behind = _gate.EnterAsync(alone: false, CancellationToken.None);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        (await behind.WaitAsync(Patience)).Dispose();
        inside.Dispose();
        (await EnterAsync(alone: true)).Dispose();
    }

    [Fact]
    public async Task It_waits_for_those_inside_now_and_not_for_an_emptiness_before_it_came()
    {
        (await EnterAsync(alone: false)).Dispose();
        var first = await EnterAsync(alone: false);
        var alone = _gate.EnterAsync(alone: true, CancellationToken.None);
        Assert.False(alone.IsCompleted);
        first.Dispose();
        (await alone.WaitAsync(Patience)).Dispose();
    }

    private Task<IDisposable> EnterAsync(bool alone) => _gate.EnterAsync(alone, CancellationToken.None).WaitAsync(Patience);
}
