using Broker.Tests.Support;
using Medallion.Threading;

namespace Broker.Tests.Integration.Primitives.DistributedLock;

public sealed class When_a_reader_writer_lock_is_used_by_its_interface : DistributedLockTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private readonly string _name = NewName();

    private IDistributedReaderWriterLock Mine => Provider.CreateReaderWriterLock(_name);

    private IDistributedReaderWriterLock Theirs => Other.CreateReaderWriterLock(_name);

    [Fact]
    public async Task Readers_share_it_and_a_writer_has_it_alone()
    {
        Assert.Equal(_name, Mine.Name);
        var readers = new[] { await Mine.AcquireReadLockAsync(), await Theirs.AcquireReadLockAsync(), Mine.AcquireReadLock() };
        Assert.Null(Theirs.TryAcquireWriteLock());
        Assert.Throws<TimeoutException>(() => Theirs.AcquireWriteLock(Short));
        foreach (var reader in readers)
            await reader.DisposeAsync();
        using (Theirs.AcquireWriteLock())
        {
            Assert.Null(Mine.TryAcquireReadLock());
            Assert.Null(await Mine.TryAcquireReadLockAsync(Short));
            Assert.Null(await Mine.TryAcquireWriteLockAsync());
            await Assert.ThrowsAsync<TimeoutException>(async () => await Mine.AcquireWriteLockAsync(Short));
        }

        await using var again = await Mine.TryAcquireReadLockAsync();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_writer_that_waits_keeps_new_readers_out()
    {
        var reader = await Mine.AcquireReadLockAsync();
        var writer = Theirs.AcquireWriteLockAsync().AsTask();
        using var limit = new CancellationTokenSource(RunningProgram.DefaultTimeout);
        while (await Mine.TryAcquireReadLockAsync(TimeSpan.Zero, limit.Token) is { } early)
            await early.DisposeAsync();
        Assert.False(writer.IsCompleted);
        await reader.DisposeAsync();
        await (await writer.WaitAsync(RunningProgram.DefaultTimeout)).DisposeAsync();
        await using var late = await Mine.AcquireReadLockAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Arguments_that_are_none_are_refused_at_once()
    {
        foreach (var timeout in new[] { TimeSpan.FromSeconds(-2), TimeSpan.FromSeconds(int.MaxValue) })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Mine.AcquireReadLockAsync(timeout).AsTask(); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Mine.TryAcquireReadLockAsync(timeout).AsTask(); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Mine.AcquireWriteLockAsync(timeout).AsTask(); });
            Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Mine.TryAcquireWriteLockAsync(timeout).AsTask(); });
        }

        Assert.Throws<ArgumentNullException>(() => Provider.CreateReaderWriterLock(null!));
    }
}
