using System.CommandLine;
using Broker.Producer.Cli;

namespace Broker.Tests.Unit.Items;

public sealed class When_arguments_are_arranged
{
    private static readonly RootCommand Root = new()
    {
        new Command("map") { new Argument<string[]>("ITEM"), new Option<string>("--broker", "-b"), new Option<bool>("--bar") },
        new Command("loglevel") { Aliases = { "log-level" } },
    };

    [Theory]
    [InlineData("", "--help")]
    [InlineData("map 1", "map 1")]
    [InlineData("help", "--help")]
    [InlineData("help map", "map --help")]
    [InlineData("help mop", "mop")]
    [InlineData("--broker X map 1", "map --broker X 1")]
    [InlineData("-b X --bar map 1", "map -b X --bar 1")]
    [InlineData("--broker=X map 1", "map --broker=X 1")]
    [InlineData("--bar log-level", "log-level --bar")]
    [InlineData("--broker map", "--broker map")]
    [InlineData("--bar mop 1", "--bar mop 1")]
    [InlineData("--version", "--version")]
    [InlineData("-- map", "-- map")]
    public void The_command_comes_first(string given, string arranged) =>
        Assert.Equal(arranged, string.Join(' ', CommandFirst.Arrange(given.Split(' ', StringSplitOptions.RemoveEmptyEntries), Root)));
}
