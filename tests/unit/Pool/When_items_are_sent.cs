using Broker.Contracts.Messages;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_items_are_sent
{
    [Fact]
    public async Task As_many_are_asked_for_as_the_window_has_room_for()
    {
        await using var items = new AskedItems(5);
        var window = new InFlightWindow(10);
        var feed = new JobFeed(SomeJob.Of("kind"), window, new ChunkSizer(1, null), static (_, _, _) => Task.CompletedTask);
        await feed.RunAsync(items, firstIsRead: false, static _ => { }, CancellationToken.None);
        Assert.Equal(5, feed.Sent);
        Assert.Equal([10, 9, 8, 7, 6, 5], items.Asked);
    }

    [Fact]
    public async Task Never_more_than_a_few_hundred_are_asked_for_beyond_a_chunk()
    {
        await using var items = new AskedItems(1);
        var feed = new JobFeed(SomeJob.Of("kind"), new InFlightWindow(1000), new ChunkSizer(100, null), static (_, _, _) => Task.CompletedTask);
        await feed.RunAsync(items, firstIsRead: false, static _ => { }, CancellationToken.None);
        Assert.Equal([256, 255], items.Asked);
    }

    private sealed class AskedItems(int count) : IItemReader
    {
        public List<int> Asked { get; } = [];

        public string Kind => "kind";

        public ReadOnlyMemory<byte> Current { get; } = "1"u8.ToArray();

        public ValueTask<bool> MoveNextAsync(int wanted, CancellationToken cancellationToken)
        {
            Asked.Add(wanted);
            return new ValueTask<bool>(Asked.Count <= count);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
