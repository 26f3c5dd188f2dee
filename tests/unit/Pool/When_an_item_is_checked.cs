using System.Text;
using Broker.Pool;

namespace Broker.Tests.Unit.Pool;

public sealed class When_an_item_is_checked
{
    [Theory]
    [InlineData("1")]
    [InlineData("0")]
    [InlineData("-20")]
    [InlineData("null")]
    [InlineData(" {\"a\": [1, \"x\"]} ")]
    public void One_JSON_value_passes(string item) => JsonItem.Check(Encoding.UTF8.GetBytes(item), 0);

    [Theory]
    [InlineData("abc")]
    [InlineData("1,2")]
    [InlineData("")]
    [InlineData("[1")]
    [InlineData("1 2")]
    [InlineData("01")]
    [InlineData("-")]
    [InlineData("-01")]
    public void Anything_else_is_named_with_its_index(string item) =>
        Assert.StartsWith("item 7 is not one JSON value", Assert.Throws<ArgumentException>(() => JsonItem.Check(Encoding.UTF8.GetBytes(item), 7)).Message, StringComparison.Ordinal);

    [Fact]
    public void Sixty_two_levels_pass_and_more_are_named()
    {
        JsonItem.Check(Nested(62), 0);
        Assert.Equal("item 3 is nested deeper than 62 levels", Assert.Throws<ArgumentException>(() => JsonItem.Check(Nested(63), 3)).Message);
        Assert.Contains("deeper", Assert.Throws<ArgumentException>(() => JsonItem.Check(Nested(5000), 3)).Message, StringComparison.Ordinal);
    }

    private static byte[] Nested(int levels) => Encoding.UTF8.GetBytes(new string('[', levels) + new string(']', levels));
}
