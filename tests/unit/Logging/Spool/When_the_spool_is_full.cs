using System.Buffers;
using Broker.Logging.Spool;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Spool;

public sealed class When_the_spool_is_full : IDisposable
{
    private const int SegmentBytes = 10_000;
    private const int MaxBytes = 100_000;

    private readonly TestFolder _folder = new();
    private readonly DropCounts _dropped = new();
    private readonly EventSpool _spool;

    public When_the_spool_is_full() => _spool = Open();

    [Fact]
    public void The_spool_never_exceeds_its_maximum_size()
    {
        for (var round = 0; round < 500; round++)
        {
            Append((EventRank)(round % 3), 10);
            Assert.InRange(BytesOnDisk(), 0, MaxBytes);
        }

        Assert.InRange(BytesOnDisk(), MaxBytes / 2, MaxBytes);
    }

    [Fact]
    public void The_lowest_level_is_dropped_first_and_counted()
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
    public void Within_a_level_the_oldest_is_dropped_first()
    {
        for (var round = 0; round < 200; round++)
            Append(EventRank.Information, 1, (byte)round);

        var batch = new EventBatch(1000, MaxBytes * 2);
        Assert.True(_spool.Read(batch));
        Assert.Equal(199, batch[batch.Count - 1].Span[0]);
        Assert.Equal(200 - batch.Count, batch[0].Span[0]);
        Assert.Equal(200 - batch.Count, _dropped.Take()![EventRank.Information]);
    }

    [Fact]
    public void An_event_below_all_stored_levels_is_dropped()
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
    public void A_segment_being_sent_is_not_dropped()
    {
        Append(EventRank.Information, 50);
        var batch = new EventBatch(1000, MaxBytes * 2);
        Assert.True(_spool.Read(batch));
        for (var round = 0; round < 20; round++)
            Append(EventRank.Information, 10);
        var before = _dropped.Take()![EventRank.Information];
        _spool.Done(batch);

        Assert.Equal(50 + 200, batch.Count + before + _spool.OwnPending);
    }

    [Fact]
    public void Folders_taken_over_count_towards_the_maximum()
    {
        using (var dead = Open())
            Append(EventRank.Information, 90, spool: dead);
        Assert.Equal(1, _spool.TakeOver());
        for (var round = 0; round < 50; round++)
            Append(EventRank.Warning, 1);

        Assert.InRange(BytesOnDisk(), 0, MaxBytes);
        Assert.Equal(90, _dropped.Take()![EventRank.Information]);
    }

    public void Dispose()
    {
        _spool.Dispose();
        _folder.Dispose();
    }

    private EventSpool Open() => new(Path.Combine(_folder.Path, "logs"), "tester", SegmentBytes, MaxBytes, _dropped);

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
