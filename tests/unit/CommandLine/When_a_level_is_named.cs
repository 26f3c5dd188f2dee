using Broker.Logging.Events;

namespace Broker.Tests.Unit.CommandLine;

public sealed class When_a_level_is_named
{
    [Theory]
    [InlineData("debug", "debug")]
    [InlineData("INFO", "info")]
    [InlineData("information", "info")]
    [InlineData("warn", "warning")]
    [InlineData("WRN", "warning")]
    [InlineData("Error", "error")]
    [InlineData("fatal", "error")]
    [InlineData("loud", null)]
    [InlineData("", null)]
    public void Every_usual_name_is_understood_and_one_is_shown(string text, string? level) => Assert.Equal(level, LevelNames.Find(text));
}
