using Broker.CommandLine;

namespace Broker.Tests.Unit.CommandLine;

public sealed class When_a_size_is_parsed
{
    [Theory]
    [InlineData("512MiB", 512L << 20)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("1.5gib", 3L << 29)]
    [InlineData("1TiB", 1L << 40)]
    [InlineData("100KiB", 100L << 10)]
    [InlineData("12345B", 12345)]
    public void It_is_a_number_with_a_unit(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var parsed));
        Assert.Equal(bytes, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("512")]
    [InlineData("MiB")]
    [InlineData("-1MiB")]
    [InlineData("0MiB")]
    [InlineData("512MB")]
    [InlineData("1e3MiB")]
    [InlineData("99999999999999TiB")]
    public void Anything_else_is_none(string text) => Assert.False(SizeText.TryParse(text, out _));

    [Theory]
    [InlineData(128L << 20, "128MiB")]
    [InlineData(3L << 29, "1.5GiB")]
    [InlineData(1023, "1023B")]
    [InlineData(0, "0B")]
    public void It_is_written_in_the_largest_unit_that_it_fills(long bytes, string text) => Assert.Equal(text, SizeText.Of(bytes));
}
