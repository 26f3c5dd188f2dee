using Broker.Producer.Cli.Output;

namespace Broker.Tests.Unit.Items;

public sealed class When_remote_text_is_shown
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("two\nlines\r", "two\\nlines\\r")]
    [InlineData("\u001b[2Jgone", "\\u001b[2Jgone")]
    [InlineData("a\tb", "a b")]
    [InlineData("\u202eright to left", "\\u202eright to left")]
    public void Control_characters_are_escaped(string text, string shown) => Assert.Equal(shown, SafeText.Of(text));
}
