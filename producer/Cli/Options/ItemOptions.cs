using System.CommandLine;
using Broker.Contracts;
using Broker.Producer.Cli.Items;

namespace Broker.Producer.Cli.Options;

/// <summary>The kind and its items.</summary>
internal sealed class ItemOptions
{
    private readonly Argument<string[]> _items = new("ITEM") { Description = "Items: JSON if it parses, else text", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _file = new("--file", "-f") { Description = "Items from FILE, one a line; - is standard input", HelpName = "FILE" };

    private readonly Option<string[]> _files = new("--files")
    {
        Description = "The text of each file is an item",
        HelpName = "PATH...",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    public static Argument<string> KindArgument() => new("KIND")
    {
        Description = "What to run",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [var kind] && !KindName.IsValid(kind.Value))
                    result.AddError($"'{kind.Value}' cannot be a kind: {KindName.Rule}");
            },
        },
    };

    public Argument<string> Kind { get; } = KindArgument();

    public void AddTo(Command command)
    {
        command.Arguments.Add(Kind);
        command.Arguments.Add(_items);
        command.Options.Add(_file);
        command.Options.Add(_files);
    }

    public ItemSource Choose(ParseResult parsed) => ItemSource.Choose(parsed.GetValue(_items) ?? [], parsed.GetValue(_file), parsed.GetValue(_files) ?? []);
}
