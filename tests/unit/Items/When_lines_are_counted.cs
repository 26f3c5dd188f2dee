using Broker.Producer.Cli.Items;
using Broker.Tests.Support;

namespace Broker.Tests.Unit.Items;

public sealed class When_lines_are_counted : IDisposable
{
    private readonly TestFolder _folder = new();

    [Theory]
    [InlineData("1\n2\n", 2)]
    [InlineData("1\n2", 2)]
    [InlineData("\n\r\n1\r\n\n2\r", 2)]
    [InlineData("\n\n", 0)]
    public async Task Those_with_an_item_count(string text, long lines) =>
        Assert.Equal(lines, await LineCount.OfAsync([_folder.Write("items", text)], TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_line_longer_than_what_is_read_at_once_is_one() =>
        Assert.Equal(3, await LineCount.OfAsync([_folder.Write("one", $"1\n{new string('x', 3_000_000)}"), _folder.Write("two", "2\n")], TestContext.Current.CancellationToken));

    [Fact]
    public async Task What_can_be_read_only_once_is_not_counted() =>
        Assert.Null(await LineCount.OfAsync([_folder.Write("one", "1\n"), "-"], TestContext.Current.CancellationToken));

    public void Dispose() => _folder.Dispose();
}
