using System.IO.Pipelines;
using System.Text;
using Broker.Bus;
using Broker.Contracts;
using Broker.Producer.Cli.Items;
using FsCheck;
using FsCheck.Fluent;

namespace Broker.Tests.Unit.Items;

public sealed class When_lines_are_read
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n\n\r\n", new string[0])]
    [InlineData("1\n2\n", new[] { "1", "2" })]
    [InlineData("1\n2", new[] { "1", "2" })]
    [InlineData("1\r\n2\r\n", new[] { "1", "2" })]
    [InlineData("1\r\n2\r", new[] { "1", "2" })]
    [InlineData("a b\n", new[] { "\"a b\"" })]
    [InlineData("{\"a\":1}\n{\"a\":\n", new[] { "{\"a\":1}", "\"{\\\"a\\\":\"" })]
    [InlineData(" 5 \n", new[] { " 5 " })]
    [InlineData("  \n", new[] { "\"  \"" })]
    [InlineData("\"quoted\"\n", new[] { "\"quoted\"" })]
    [InlineData("größe\n", new[] { "\"größe\"" })]
    public async Task Each_non_empty_line_is_an_item(string text, string[] items) => Assert.Equal(items, await ReadAsync(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(new byte[] { 0x31, 0x0a, 0x61, 0xff, 0x0a }, "items: line 2: not UTF-8: byte 0xff at offset 1")]
    [InlineData(new byte[] { 0xc3 }, "items: line 1: not UTF-8: byte 0xc3 at offset 0")]
    [InlineData(new byte[] { 0x22, 0xc3, 0xa9, 0xe9, 0x22 }, "items: line 1: not UTF-8: byte 0xe9 at offset 3")]
    public async Task Bytes_that_are_not_utf8_are_refused_with_line_and_offset(byte[] bytes, string said)
    {
        var error = await Assert.ThrowsAsync<InvalidConfigurationException>(() => ReadAsync(bytes));
        Assert.Equal(said, error.Message);
    }

    [Theory]
    [InlineData("1\n22\n333\n", 9, 3)]
    [InlineData("1\n1\n1\n1\n1\n", 20, 10)]
    public async Task The_share_of_bytes_read_tells_the_number_of_items(string read, long length, long items)
    {
        var progress = new ReadProgress([length]);
        Assert.Null(progress.Items);
        await foreach (var item in LineReader.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(read)), "items", progress))
        {
        }

        Assert.Equal(items, progress.Items);
    }

    [Fact]
    public void A_length_that_is_not_known_gives_no_number_of_items()
    {
        var progress = new ReadProgress([10, null]);
        progress.Add(5, 1);
        Assert.Null(progress.Items);
    }

    [Fact]
    public async Task A_line_longer_than_one_read_is_one_item()
    {
        var line = new string('x', 1_000_000);
        Assert.Equal([$"\"{line}\"", "1"], await ReadAsync(Encoding.UTF8.GetBytes($"{line}\n1\n")));
    }

    [Fact]
    public async Task A_line_larger_than_a_message_is_refused_with_its_number()
    {
        var text = Encoding.UTF8.GetBytes($"1\n2\n{new string('x', MessageSender.MaxBodyBytes + 1)}");
        var error = await Assert.ThrowsAsync<MessageTooLargeException>(() => ReadAsync(text));
        Assert.StartsWith("items: line 3 is longer than the 8 MiB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_is_returned_before_the_next_is_written()
    {
        var pipe = new Pipe();
        await using var lines = LineReader.ReadAsync(pipe.Reader.AsStream(), "items").GetAsyncEnumerator();
        await pipe.Writer.WriteAsync("1\n2"u8.ToArray());
        Assert.True(await lines.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("1", Encoding.UTF8.GetString(lines.Current.Span));
        var second = lines.MoveNextAsync().AsTask();
        Assert.False(second.IsCompleted);
        await pipe.Writer.WriteAsync("3\n"u8.ToArray());
        Assert.True(await second.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("23", Encoding.UTF8.GetString(lines.Current.Span));
        await pipe.Writer.CompleteAsync();
    }

    [Fact]
    public void Read_boundaries_do_not_change_the_items()
    {
        var samples =
            from lines in Gen.ListOf(Gen.Elements("1", "words here", "{\"a\":[1,2]}", "ü€🙂", new string('y', 300)))
            from cut in Gen.Choose(1, 50)
            from ending in Gen.Elements("\n", "\r\n")
            select (lines: lines.ToList(), cut, ending);
        Prop.ForAll(samples.ToArbitrary(), sample =>
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(sample.lines.Select(line => line + sample.ending)));
#pragma warning disable VSTHRD002 // The property is a function; nothing else runs on this thread.
            var read = ReadAsync(bytes, sample.cut).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
            return read.SequenceEqual(sample.lines.Select(line => Encoding.UTF8.GetString(ItemText.ToJson(line).Span)));
        }).QuickCheckThrowOnFailure();
    }

    private static async Task<List<string>> ReadAsync(byte[] bytes, int cut = int.MaxValue)
    {
        var items = new List<string>();
        await foreach (var item in LineReader.ReadAsync(new CutStream(bytes, cut), "items"))
            items.Add(Encoding.UTF8.GetString(item.Span));
        return items;
    }

    /// <summary>Returns a limited number of bytes per read, as a pipe may.</summary>
    private sealed class CutStream(byte[] bytes, int cut) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, cut)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, cut));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));
    }
}
