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
    public void They_come_in_the_order_they_were_written()
    {
        using var spool = Open();
        spool.Append(EventRank.Information, Records("one", "two"), 2);
        spool.Append(EventRank.Information, Records("three"), 1);

        Assert.Equal(["one", "two", "three"], ReadAll(spool));
    }

    [Fact]
    public void Higher_levels_come_first()
    {
        using var spool = Open();
        spool.Append(EventRank.Debug, Records("debug"), 1);
        spool.Append(EventRank.Information, Records("info"), 1);
        spool.Append(EventRank.Warning, Records("error"), 1);

        Assert.Equal(["error", "info", "debug"], ReadAll(spool));
    }

    [Fact]
    public void Nothing_is_given_twice_unless_it_was_not_sent()
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
    public void A_batch_has_no_more_events_than_it_may()
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
    public void A_batch_has_no_more_bytes_than_it_may_unless_one_event_alone_has()
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
    public void A_record_that_a_crash_cut_short_ends_its_file_and_nothing_else()
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
    public void A_few_bytes_that_are_left_of_one_end_its_file_too(int bytes)
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
    public void A_file_that_is_gone_costs_its_events_and_is_counted()
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
    public void A_record_that_the_disk_spoilt_is_passed_over()
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
    public void A_length_that_is_none_ends_its_file()
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
