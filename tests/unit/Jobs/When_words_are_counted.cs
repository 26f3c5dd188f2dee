using Broker.Consumer.Jobs;
using Broker.Contracts;
using Broker.Contracts.BuiltIn;
using Broker.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Broker.Tests.Unit.Jobs;

public sealed class When_words_are_counted
{
    [Theory]
    [InlineData("", 0, 0, 0)]
    [InlineData("a", 0, 1, 1)]
    [InlineData("one two\nthree\n", 2, 3, 14)]
    [InlineData("  spaced   out  ", 0, 2, 16)]
    [InlineData("tab\tand\vmore\fhere\r\n", 1, 4, 19)]
    [InlineData("größe ist größe", 0, 3, 15)]
    [InlineData("🙂 x", 0, 2, 3)]
    [InlineData("no\u00A0break", 0, 2, 8)]
    [InlineData("\n\n\n", 3, 0, 3)]
    [InlineData("\u0001\u0002", 0, 0, 2)]
    public async Task The_counts_are_those_of_wc(string text, long lines, long words, long characters)
    {
        var counts = await CountAsync(new WordCount(text));
        Assert.Equal((lines, words, characters), (counts.Lines, counts.Words, counts.Characters));
    }

    [Fact]
    public async Task The_counts_equal_those_of_the_local_wc()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Broker.Client.xml");
        Assert.True(File.Exists(file), "there is a text to count");
        await using var wc = RunningProgram.Start("wc", ["-lwm", file], new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" });
        var said = (await wc.EndAsync()).Output.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(3).Select(long.Parse);
        var counts = await CountAsync(new WordCount(System.Text.Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file))));
        Assert.Equal(said, [counts.Lines, counts.Words, counts.Characters]);
    }

    [Fact]
    public async Task Words_are_ordered_by_frequency_then_spelling()
    {
        var counts = await CountAsync(new WordCount("b a B c-a, a! 2nd", 3));
        Assert.Equal([("a", 3), ("b", 2), ("2nd", 1)], counts.Commonest.Select(word => (word.Word, word.Count)));
    }

    [Fact]
    public async Task With_top_0_no_words_are_returned() => Assert.Empty((await CountAsync(new WordCount("a b", 0))).Commonest);

    [Fact]
    public async Task A_negative_top_is_refused() => await Assert.ThrowsAsync<JobRejectedException>(() => CountAsync(new WordCount("a", -1)));

    private static Task<WordCounts> CountAsync(WordCount args) => new WordCountHandler().HandleAsync(args, new JobContext { JobId = Guid.NewGuid(), Logger = NullLogger.Instance });
}
