using System.Buffers;
using Broker.Logging.Spool;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Spool;

public sealed class When_the_spool_is_full : IDisposable
{
    private const int SegmentBytes = 10_000;
    private const int MostBytes = 100_000;

    private readonly TestFolder _folder = new();
    private readonly DropCounts _dropped = new();
    private readonly EventSpool _spool;

    public When_the_spool_is_full() => _spool = Open();

    [Fact]
    public void It_never_grows_beyond_its_cap()
    {
        for (var round = 0; round < 500; round++)
        {
            Append((EventRank)(round % 3), 10);
            Assert.InRange(BytesOnDisk(), 0, MostBytes);
        }

        Assert.InRange(BytesOnDisk(), MostBytes / 2, MostBytes);
    }

    [Fact]
    public void The_lowest_level_goes_first_and_is_counted()
    {
        Append(EventRank.Debug, 40);
        Append(EventRank.Information, 20);
        Append(EventRank.Warning, 20);
        Append(EventRank.Warning, 60);

        var counts = _dropped.Take();
        Assert.NotNull(counts);
        Assert.Equal(40, counts[EventRank.Debug]);
        Assert.Equal(0, counts[EventRank.Warning]);
    }

    [Fact]
    public void Of_one_level_the_oldest_goes_first()
    {
        for (var round = 0; round < 200; round++)
            Append(EventRank.Information, 1, (byte)round);

        var batch = new EventBatch(1000, MostBytes * 2);
        Assert.True(_spool.Read(batch));
        Assert.Equal(199, batch[batch.Count - 1].Span[0]);
        Assert.Equal(200 - batch.Count, batch[0].Span[0]);
        Assert.Equal(200 - batch.Count, _dropped.Take()![EventRank.Information]);
    }

    [Fact]
    public void What_is_lower_than_all_that_is_there_is_not_taken()
    {
        for (var round = 0; round < 100; round++)
            Append(EventRank.Warning, 1);
        _ = _dropped.Take();
        Append(EventRank.Debug, 5);

        var counts = _dropped.Take()!;
        Assert.Equal(5, counts[EventRank.Debug]);
        Assert.Equal(0, counts[EventRank.Warning]);
    }

    [Fact]
    public void What_is_on_its_way_stays()
    {
        Append(EventRank.Information, 50);
        var batch = new EventBatch(1000, MostBytes * 2);
        Assert.True(_spool.Read(batch));
        for (var round = 0; round < 20; round++)
            Append(EventRank.Information, 10);
        var before = _dropped.Take()![EventRank.Information];
        _spool.Done(batch);

        Assert.Equal(50 + 200, batch.Count + before + _spool.OwnPending);
    }

    [Fact]
    public void What_dead_processes_left_counts_as_well()
    {
        using (var dead = Open())
            Append(EventRank.Information, 90, spool: dead);
        Assert.Equal(1, _spool.TakeOver());
        for (var round = 0; round < 50; round++)
            Append(EventRank.Warning, 1);

        Assert.InRange(BytesOnDisk(), 0, MostBytes);
        Assert.Equal(90, _dropped.Take()![EventRank.Information]);
    }

    public void Dispose()
    {
        _spool.Dispose();
        _folder.Dispose();
    }

    private EventSpool Open() => new(Path.Combine(_folder.Path, "logs"), "tester", SegmentBytes, MostBytes, _dropped);

    private long BytesOnDisk() => Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    private void Append(EventRank rank, int count, byte mark = 0, EventSpool? spool = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var payload = new byte[1000 - SpoolRecord.HeaderBytes];
        payload[0] = mark;
        for (var number = 0; number < count; number++)
            SpoolRecord.Append(buffer, payload);
        (spool ?? _spool).Append(rank, buffer.WrittenSpan, count);
    }
}
