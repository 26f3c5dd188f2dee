using System.Text;
using Broker.Contracts;
using Broker.Producer.Cli.Items;

namespace Broker.Tests.Unit.Items;

public sealed class When_an_item_is_given_as_text
{
    [Theory]
    [InlineData("5", "5")]
    [InlineData("-1.5e3", "-1.5e3")]
    [InlineData("true", "true")]
    [InlineData("null", "null")]
    [InlineData("\"text\"", "\"text\"")]
    [InlineData("[1, 2]", "[1, 2]")]
    [InlineData("{\"a\": 1}", "{\"a\": 1}")]
    [InlineData("text", "\"text\"")]
    [InlineData("05", "\"05\"")]
    [InlineData("5 6", "\"5 6\"")]
    [InlineData("[1", "\"[1\"")]
    [InlineData("{a:1}", "\"{a:1}\"")]
    [InlineData("", "\"\"")]
    [InlineData("say \"hi\"", "\"say \\\"hi\\\"\"")]
    [InlineData("NaN", "\"NaN\"")]
    public void An_item_is_JSON_if_it_parses_otherwise_text(string text, string json) => Assert.Equal(json, Encoding.UTF8.GetString(ItemText.ToJson(text).Span));

    [Theory]
    [InlineData(62, true)]
    [InlineData(63, false)]
    [InlineData(64, false)]
    [InlineData(100, false)]
    public void JSON_that_is_nested_too_deep_is_refused_and_does_not_become_text(int depth, bool taken)
    {
        var text = new string('[', depth) + new string(']', depth);
        if (taken)
            Assert.Equal(text, Encoding.UTF8.GetString(ItemText.ToJson(text).Span));
        else
            Assert.Equal("JSON nested deeper than 62 levels", Assert.Throws<InvalidConfigurationException>(() => ItemText.ToJson(text)).Message);
    }
}
