using Broker.Primitives;
using Broker.Primitives.Tokens;
using Broker.Tests.Support;

namespace Broker.Tests.Integration.Primitives;

public sealed class When_readers_and_writers_share_a_lock
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    private readonly string _name = TokenClient.NewName();

    [Fact]
    public async Task Readers_share_it_and_a_writer_has_it_alone()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var other = new TokenClient();
        var (mine, theirs) = (new BrokerReaderWriterLock(client.Kernel, _name), new BrokerReaderWriterLock(other.Kernel, _name));
        var reading = await mine.AcquireReadAsync();
        await using (await theirs.AcquireReadAsync(Soon))
        {
            Assert.Null(await theirs.TryAcquireWriteAsync());
            Assert.Null(await mine.TryAcquireWriteAsync(Soon));
            await Assert.ThrowsAsync<TimeoutException>(() => mine.AcquireWriteAsync(Soon));
        }

        await reading.DisposeAsync();
        var last = 0L;
        for (var round = 0; round < 3; round++)
        {
            await using var writing = round == 1 ? (await theirs.TryAcquireWriteAsync())! : await mine.AcquireWriteAsync(RunningProgram.DefaultTimeout);
            Assert.True(writing.Fence > last);
            last = writing.Fence;
            Assert.Null(await mine.TryAcquireReadAsync());
            Assert.Null(await theirs.TryAcquireReadAsync(Soon));
            Assert.Null(await theirs.TryAcquireWriteAsync());
        }

        await using var again = await theirs.TryAcquireReadAsync();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task A_writer_that_waits_comes_before_the_readers_that_come_later()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var other = new TokenClient();
        var (mine, theirs) = (new BrokerReaderWriterLock(client.Kernel, _name), new BrokerReaderWriterLock(other.Kernel, _name));
        var readers = new TokenSet("readers", _name, BrokerReaderWriterLock.MaxReaders);
        var reading = await mine.AcquireReadAsync();
        var writing = theirs.AcquireWriteAsync();
        await client.ConsumersAsync(readers, 2);
        var later = mine.AcquireReadAsync();
        await client.ConsumersAsync(readers, 3);
        Assert.Null(await mine.TryAcquireReadAsync());
        Assert.False(later.IsCompleted);
        await reading.DisposeAsync();
        var writer = await writing.WaitAsync(RunningProgram.DefaultTimeout);
        Assert.False(later.IsCompleted);
        await writer.DisposeAsync();
        await (await later.WaitAsync(RunningProgram.DefaultTimeout)).DisposeAsync();
    }

    [Fact]
    public async Task A_writer_that_is_gone_leaves_it_to_the_others()
    {
        using var front = new BrokerFront();
        await using var client = new TokenClient(front.Url);
        await using var other = new TokenClient();
        var writer = await new BrokerReaderWriterLock(client.Kernel, _name).AcquireWriteAsync();
        var theirs = new BrokerReaderWriterLock(other.Kernel, _name);
        var reading = theirs.AcquireReadAsync();
        front.Refuse();
        await TokenClient.LostAsync(writer);
        await (await reading.WaitAsync(RunningProgram.DefaultTimeout)).DisposeAsync();
        await using var next = await theirs.AcquireWriteAsync(RunningProgram.DefaultTimeout);
        Assert.True(next.Fence > writer.Fence);
    }

    [Fact]
    public async Task Many_of_both_see_no_other_beside_a_writer()
    {
        TestBroker.Require();
        await using var client = new TokenClient();
        await using var other = new TokenClient();
        var locks = new[] { new BrokerReaderWriterLock(client.Kernel, _name), new BrokerReaderWriterLock(other.Kernel, _name) };
        var readers = 0;
        var writers = 0;
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            var writes = number % 8 == 0;
            await using var hold = await (writes ? locks[number / 8 % 2].AcquireWriteAsync() : locks[number % 2].AcquireReadAsync());
            if (writes)
            {
                Assert.Equal(1, Interlocked.Increment(ref writers));
                Assert.Equal(0, Volatile.Read(ref readers));
            }
            else
            {
                Interlocked.Increment(ref readers);
                Assert.Equal(0, Volatile.Read(ref writers));
            }

            await Task.Delay(5);
            Interlocked.Decrement(ref writes ? ref writers : ref readers);
        })).WaitAsync(TimeSpan.FromSeconds(60));
    }
}
