using System.Text.RegularExpressions;
using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_help_is_requested
{
    public static TheoryData<string, string> Commands => new()
    {
        { "producer", "--help" },
        { "producer", "" },
        { "producer", "map --help" },
        { "producer", "call --help" },
        { "producer", "publish --help" },
        { "producer", "collect --help" },
        { "producer", "cancel --help" },
        { "producer", "kinds --help" },
        { "producer", "status --help" },
        { "producer", "logs --help" },
        { "producer", "loglevel --help" },
        { "producer", "doctor --help" },
        { "producer", "purge --help" },
        { "producer", "drain --help" },
        { "producer", "lock --help" },
        { "producer", "semaphore --help" },
        { "producer", "event --help" },
        { "producer", "event wait --help" },
        { "producer", "barrier --help" },
        { "producer", "queue --help" },
        { "producer", "value --help" },
        { "producer", "dict --help" },
        { "producer", "primitives --help" },
        { "consumer", "--help" },
        { "consumer", "health --help" },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_is_on_stdout_within_80_columns(string program, string arguments)
    {
        var end = await HelpAsync(program, arguments);
        Assert.Equal(("", 0), (end.Error, end.ExitCode));
        Assert.StartsWith($"usage: {program}", end.Output, StringComparison.Ordinal);
        Assert.All(end.Output.Split('\n'), line => Assert.True(line.Length <= 80, $"{line.Length} columns: {line}"));
        Assert.All(end.Output.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
        var options = Regex.Matches(end.Output, "(?m)^  (-., )?(?<name>--[a-z-]+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(match => match.Groups["name"].Value).ToList();
        Assert.Equal(options.Distinct(), options);
    }

    [Fact]
    public async Task Every_command_is_in_the_help_of_its_program()
    {
        var overview = (await HelpAsync("producer", "--help")).Output;
        foreach (var command in Commands.Select(row => row.Data.Item2.Split(' ')[0]).Where(name => name.Length > 0 && !name.StartsWith('-') && name != "health"))
            Assert.Matches($@"(?m)^(  |.*: |.*, |){command}\b", overview);
    }

    [Fact]
    public async Task The_examples_of_the_overview_are_existing_commands()
    {
        var overview = (await HelpAsync("producer", "--help")).Output;
        var examples = Regex.Matches(overview, @"(?m)^  .*?producer (?<command>[a-z]+) ", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        Assert.NotEmpty(examples);
        foreach (var command in examples.Select(example => example.Groups["command"].Value).Distinct())
            Assert.Equal(0, (await HelpAsync("producer", $"{command} --help")).ExitCode);
    }

    [Theory]
    [InlineData("help map", "map --help")]
    [InlineData("help", "--help")]
    [InlineData("--no-color map --help", "map --help")]
    public async Task Help_COMMAND_is_the_help_of_that_command(string asked, string same) => Assert.Equal(await HelpAsync("producer", same), await HelpAsync("producer", asked));

    [Fact]
    public async Task The_overview_of_the_producer_fits_a_terminal() => Assert.InRange((await HelpAsync("producer", "--help")).Output.Split('\n').Length, 15, 30);

    [Theory]
    [InlineData("producer")]
    [InlineData("consumer")]
    public async Task The_version_is_one_line(string program)
    {
        var end = await HelpAsync(program, "--version");
        Assert.Equal(0, end.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", end.Output);
    }

    private static Task<ProgramEnd> HelpAsync(string program, string arguments) => Programs.RunWithoutBrokerAsync(
        program == "producer" ? Programs.Producer : Programs.Consumer, arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
