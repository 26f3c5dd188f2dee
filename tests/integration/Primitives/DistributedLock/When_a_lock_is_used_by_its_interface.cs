using System.Diagnostics;
using System.Runtime.CompilerServices;
using Broker.Tests.Support;
using Medallion.Threading;

namespace Broker.Tests.Integration.Primitives.DistributedLock;

public sealed class When_a_lock_is_used_by_its_interface : DistributedLockTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private readonly string _name = NewName();

    private IDistributedLock Lock => Provider.CreateLock(_name);

    [Fact]
    public async Task It_is_held_until_its_handle_is_disposed()
    {
        var same = Lock;
        Assert.Equal(_name, same.Name);
        using (var handle = same.TryAcquire())
        {
            Assert.NotNull(handle);
            Assert.Null(same.TryAcquire());
            Assert.Null(await Other.CreateLock(_name).TryAcquireAsync());
            using var another = Provider.CreateLock(_name + "2").TryAcquire();
            Assert.NotNull(another);
        }

        await using var again = await same.TryAcquireAsync();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_handle_may_be_disposed_of_in_any_way_and_twice()
    {
        var first = await Lock.AcquireAsync();
        // xUnit runs these on threads of its own; a caller that blocks is what is tried.
        Lock.TryAcquire()?.Dispose();
        first.Dispose();
        await using var second = await Lock.AcquireAsync();
        await first.DisposeAsync();
        first.Dispose();
        Assert.Null(await Lock.TryAcquireAsync());
        Assert.Throws<ObjectDisposedException>(() => first.HandleLostToken);
    }

    [Fact]
    public void Arguments_that_are_none_are_refused_at_once()
    {
        foreach (var timeout in new[] { TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(int.MaxValue) })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Lock.Acquire(timeout));
            Assert.Throws<ArgumentOutOfRangeException>(() => Lock.TryAcquire(timeout));
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Lock.AcquireAsync(timeout).AsTask(); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Lock.TryAcquireAsync(timeout).AsTask(); });
        }

        Assert.Throws<ArgumentNullException>(() => Provider.CreateLock(null!));
    }

    [Fact]
    public async Task A_timeout_ends_a_wait()
    {
        await using var handle = await Other.CreateLock(_name).AcquireAsync();
        var taken = Stopwatch.StartNew();
        Assert.Throws<TimeoutException>(() => Lock.Acquire(Short));
        await Assert.ThrowsAsync<TimeoutException>(async () => await Lock.AcquireAsync(Short));
        Assert.Null(Lock.TryAcquire(Short));
        Assert.Null(await Lock.TryAcquireAsync(Short));
        Assert.True(taken.Elapsed >= Short * 3);
    }

    [Fact]
    public async Task A_wait_is_cancelled()
    {
        await using var handle = await Lock.AcquireAsync();
        using var cancel = new CancellationTokenSource();
        var wait = Lock.AcquireAsync(cancellationToken: cancel.Token).AsTask();
        var blocked = Task.Run(() => Lock.Acquire(cancellationToken: cancel.Token));
        cancel.CancelAfter(Short);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => blocked);
        Assert.Throws<OperationCanceledException>(() => Lock.TryAcquire(cancellationToken: cancel.Token));
        Assert.True(Lock.TryAcquireAsync(cancellationToken: cancel.Token).AsTask().IsCanceled);
    }

    [Fact]
    public async Task Many_use_it_one_at_a_time()
    {
        var inside = 0;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            await using var handle = await (number % 2 == 0 ? Provider : Other).CreateLock(_name).AcquireAsync();
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Delay(10);
            Interlocked.Decrement(ref inside);
        })).WaitAsync(RunningProgram.DefaultTimeout);
    }

    [Fact]
    public async Task Names_may_be_anything_and_differ_by_case()
    {
        foreach (var name in new[] { "", new string('a', 1000), @"\\\", _name + "\\a", _name + "a", _name + "A" })
        {
            await using var handle = await Provider.CreateLock(name).TryAcquireAsync(TimeSpan.FromSeconds(10));
            Assert.NotNull(handle);
        }

        await using var lower = await Provider.CreateLock(_name + "a").TryAcquireAsync();
        await using var upper = await Provider.CreateLock(_name + "A").TryAcquireAsync();
        Assert.NotNull(lower);
        Assert.NotNull(upper);
    }

    [Fact]
    public async Task Its_loss_is_told_early_and_late_and_its_release_is_none()
    {
        using var front = new BrokerFront();
        var process = await StartAsync(front.Url);
        var released = await process.CreateLock(_name).AcquireAsync();
        var releasedLost = released.HandleLostToken;
        await using var registered = releasedLost.Register(() => Assert.Fail("it was released"));
        await released.DisposeAsync();
        Assert.False(releasedLost.IsCancellationRequested);

        var handle = await process.CreateLock(_name).AcquireAsync();
        Assert.True(handle.HandleLostToken.CanBeCanceled);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var early = handle.HandleLostToken.Register(() => told.TrySetResult());
        front.Refuse();
        await told.Task.WaitAsync(TimeSpan.FromSeconds(10));
        var heard = false;
        await using var late = handle.HandleLostToken.Register(() => heard = true);
        Assert.True(heard);
        await handle.DisposeAsync();
        await using var next = await Provider.CreateLock(_name).AcquireAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_handle_that_is_forgotten_frees_it()
    {
        await ForgetAsync();
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (await Other.CreateLock(_name).TryAcquireAsync(Short, limit.Token) is null)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    [Fact]
    public async Task A_process_that_ends_frees_it_for_one_that_waits()
    {
        using var front = new BrokerFront();
        var process = await StartAsync(front.Url);
        await process.CreateLock(_name).AcquireAsync();
        var wait = Lock.AcquireAsync(TimeSpan.FromSeconds(20)).AsTask();
        Assert.Null(await Lock.TryAcquireAsync());
        front.Refuse();
        await using var handle = await wait;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task ForgetAsync() => Assert.NotNull(await Lock.TryAcquireAsync());
}
