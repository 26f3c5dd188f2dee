using System.Collections.Concurrent;
using Broker.Primitives;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives.DistributedLock;

public sealed class When_a_semaphore_is_used_by_its_interface : DistributedLockTests
{
    private readonly string _name = NewName();

    [Fact]
    public void It_has_the_number_of_permits_that_was_given()
    {
        Assert.Equal(7, Provider.CreateSemaphore(_name, 7).MaxCount);
        Assert.Equal(_name, Provider.CreateSemaphore(_name, 7).Name);
        foreach (var count in new[] { 0, -1, BrokerSemaphore.MaxPermits + 1, int.MaxValue })
            Assert.Throws<ArgumentOutOfRangeException>(() => Provider.CreateSemaphore(_name, count));
    }

    [Fact]
    public async Task As_many_are_inside_as_it_has_permits_and_no_more()
    {
        var inside = 0;
        var seen = new ConcurrentDictionary<int, bool>();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(thread => Task.Run(() =>
        {
            for (var round = 0; round < 25; round++)
            {
                using var handle = (thread % 2 == 0 ? Provider : Other).CreateSemaphore(_name, 3).Acquire();
                seen[Interlocked.Increment(ref inside)] = true;
                Thread.Yield();
                Interlocked.Decrement(ref inside);
            }
        }))).WaitAsync(RunningProgram.DefaultTimeout);
        Assert.Equal(0, inside);
        Assert.All(seen.Keys, count => Assert.InRange(count, 1, 3));
    }

    [Fact]
    public async Task It_is_drained_over_two_objects()
    {
        var (one, two) = (Provider.CreateSemaphore(_name, 4), Provider.CreateSemaphore(_name, 4));
        var handles = new[] { await one.AcquireAsync(), await two.AcquireAsync(), one.Acquire(), two.Acquire() };
        Assert.Null(one.TryAcquire());
        Assert.Null(await two.TryAcquireAsync());
        handles[2].Dispose();
        await using var last = await two.TryAcquireAsync();
        Assert.NotNull(last);
        Assert.Null(one.TryAcquire());
        foreach (var handle in handles)
            await handle.DisposeAsync();
    }

    [Fact]
    public async Task It_has_many_permits()
    {
        var semaphore = Provider.CreateSemaphore(new string('s', 1000) + _name, BrokerSemaphore.MaxPermits);
        var handles = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ => await semaphore.AcquireAsync()));
        Assert.Equal(100, handles.Distinct().Count());
        foreach (var handle in handles)
            await handle.DisposeAsync();
    }
}
