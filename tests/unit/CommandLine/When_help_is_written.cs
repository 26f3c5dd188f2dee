using System.CommandLine;
using Broker.CommandLine;

namespace Broker.Tests.Unit.CommandLine;

public sealed class When_help_is_written
{
    [Fact]
    public void Help_lists_every_option_and_command_except_hidden_ones()
    {
        var child = new Command("child", "What the child does") { new Argument<string>("KIND"), new Argument<string[]>("ITEM") { Arity = ArgumentArity.ZeroOrMore } };
        var root = new RootCommand("What it is")
        {
            new Option<int>("--number", "-n") { Description = "A number", HelpName = "N" },
            new Option<bool>("--secret") { Hidden = true },
            child,
        };
        var help = HelpOf(root, "example --number 1");
        Assert.Contains("What it is\n\n  example --number 1\n\n", help, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^  child KIND \[ITEM\.\.\.\] +What the child does$", help);
        Assert.Matches(@"(?m)^  -n, --number N +A number$", help);
        Assert.Matches(@"(?m)^  -h, --help +Show this$", help);
        Assert.DoesNotContain("secret", help, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_description_is_wrapped_at_80_columns()
    {
        var words = string.Join(' ', Enumerable.Range(0, 60).Select(n => $"word{n}"));
        var help = HelpOf(new RootCommand("What it is") { new Option<int>("--long") { Description = words } }, "example");
        Assert.All(help.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Equal(words.Split(' '), help.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(word => word.StartsWith("word", StringComparison.Ordinal)));
    }

    private static string HelpOf(RootCommand command, string examples)
    {
        HelpPage.Attach(command, examples);
        var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(0, command.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = output }));
        return output.ToString();
    }
}
