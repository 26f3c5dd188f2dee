using System.Buffers;
using System.Text;
using Broker.Logging.Spool;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Logging.Spool;

public sealed class When_records_are_read_back : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly DropCounts _dropped = new();

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xE3069283u)]
    public void The_checksum_is_that_of_the_standard(string text, uint checksum) => Assert.Equal(checksum, SpoolRecord.Checksum(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Records_are_read_in_the_order_written()
    {
        using var spool = Open();
        spool.Append(EventRank.Information, Records("one", "two"), 2);
        spool.Append(EventRank.Information, Records("three"), 1);

        Assert.Equal(["one", "two", "three"], ReadAll(spool));
    }

    [Fact]
    public void Higher_levels_are_read_first()
    {
        using var spool = Open();
        spool.Append(EventRank.Debug, Records("debug"), 1);
        spool.Append(EventRank.Information, Records("info"), 1);
        spool.Append(EventRank.Warning, Records("error"), 1);

        Assert.Equal(["error", "info", "debug"], ReadAll(spool));
    }

    [Fact]
    public void Records_are_read_again_only_if_not_sent()
    {
        using var spool = Open();
        spool.Append(EventRank.Information, Records("one", "two"), 2);
        var batch = new EventBatch(1000, 1 << 20);
        Assert.True(spool.Read(batch));
        spool.Undo(batch);
        Assert.Equal(["one", "two"], ReadAll(spool));
        Assert.False(spool.Read(batch));
        Assert.Equal(0, spool.OwnPending);
    }

    [Fact]
    public void A_batch_respects_the_maximum_number_of_events()
    {
        using var spool = Open();
        spool.Append(EventRank.Information, Records([.. Enumerable.Range(0, 25).Select(number => $"{number}")]), 25);
        var batch = new EventBatch(10, 1 << 20);
        var sizes = new List<int>();
        while (spool.Read(batch))
        {
            sizes.Add(batch.Count);
            spool.Done(batch);
        }

        Assert.Equal([10, 10, 5], sizes);
    }

    [Fact]
    public void A_batch_respects_the_maximum_size_unless_one_event_exceeds_it()
    {
        using var spool = Open();
        var large = new string('x', 700);
        spool.Append(EventRank.Information, Records(large, large, new string('y', 5000), large), 4);
        var batch = new EventBatch(1000, 1500);
        var sizes = new List<int>();
        while (spool.Read(batch))
        {
            sizes.Add(batch.Count);
            spool.Done(batch);
        }

        Assert.Equal([2, 1, 1], sizes);
    }

    [Fact]
    public void A_truncated_record_ends_only_its_file()
    {
        LeaveBehind(file => file.SetLength(file.Length - 3), "one", "two", "three");

        using var spool = Open();
        spool.TakeOver();
        Assert.Equal(["one", "two"], ReadAll(spool));
        Assert.Empty(Directory.GetDirectories(_folder.Path));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_truncated_record_header_ends_its_file(int bytes)
    {
        LeaveBehind(file => file.SetLength(bytes), "one");
        LeaveBehind(file => file.SetLength((2 * SpoolRecord.HeaderBytes) + 3 + bytes - 8), "one", "two");
        LeaveBehind(_ => { }, "whole");

        using var spool = Open();
        spool.TakeOver();
        Assert.Equal(["one", "whole"], ReadAll(spool).Order());
        Assert.Empty(Directory.GetDirectories(_folder.Path));
    }

    [Fact]
    public void The_events_of_a_deleted_file_are_counted_as_dropped()
    {
        using var spool = Open();
        spool.Append(EventRank.Information, Records("one", "two"), 2);
        File.Delete(Assert.Single(Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories)));
        Assert.Empty(ReadAll(spool));
        spool.Append(EventRank.Information, Records("three"), 1);

        Assert.Equal(["three"], ReadAll(spool));
        Assert.Equal(2, _dropped.Take()![EventRank.Information]);
        Assert.Equal(0, spool.OwnPending);
    }

    [Fact]
    public void A_corrupt_record_is_skipped()
    {
        LeaveBehind(
            file =>
            {
                // In the middle of the second record's text.
                file.Position = (2 * SpoolRecord.HeaderBytes) + 4;
                file.WriteByte(0);
            },
            "one", "two", "three");

        using var spool = Open();
        spool.TakeOver();
        Assert.Equal(["one", "three"], ReadAll(spool));
    }

    [Fact]
    public void An_invalid_length_ends_its_file()
    {
        LeaveBehind(
            file =>
            {
                file.Position = SpoolRecord.HeaderBytes + 3;
                file.Write([0xff, 0xff, 0xff, 0xff]);
            },
            "one", "two", "three");

        using var spool = Open();
        spool.TakeOver();
        Assert.Equal(["one"], ReadAll(spool));
        Assert.Empty(Directory.GetDirectories(_folder.Path));
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Records(params string[] texts)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var text in texts)
            SpoolRecord.Append(buffer, Encoding.UTF8.GetBytes(text));
        return buffer.WrittenSpan.ToArray();
    }

    private static List<string> ReadAll(EventSpool spool)
    {
        var batch = new EventBatch(1000, 1 << 20);
        var texts = new List<string>();
        while (spool.Read(batch))
        {
            texts.AddRange(Enumerable.Range(0, batch.Count).Select(index => Encoding.UTF8.GetString(batch[index].Span)));
            spool.Done(batch);
        }

        return texts;
    }

    private EventSpool Open() => new(Path.Combine(_folder.Path, "logs"), "tester", 64 * 1024, 1 << 20, _dropped);

    private void LeaveBehind(Action<FileStream> spoil, params string[] texts)
    {
        var before = Files();
        using (var dead = Open())
            dead.Append(EventRank.Information, Records(texts), texts.Length);
        using var file = new FileStream(Assert.Single(Files().Except(before)), FileMode.Open);
        spoil(file);
    }

    private string[] Files() => Directory.GetFiles(_folder.Path, "*.seg", SearchOption.AllDirectories);
}
