using System.CommandLine;
using System.CommandLine.Parsing;
using Broker.Contracts;
using Broker.Fleet;
using Broker.Producer.Cli.Items;

namespace Broker.Producer.Cli.Options;

/// <summary>The kind and its items.</summary>
internal sealed class ItemOptions
{
    private readonly Argument<string[]> _items = new("ITEM") { Description = "Items: JSON if it parses, else text", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _file = new("--file", "-f") { Description = "Items from FILE, one per line; - is stdin", HelpName = "FILE" };

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

    /// <exception cref="InvalidConfigurationException">An item that looks like an option: most likely a misspelt option.</exception>
    public static void RefuseOptions(ParseResult parsed, IEnumerable<string> items)
    {
        if (parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash))
            return;
        foreach (var item in items.Where(item => item.Length > 1 && item[0] == '-' && (item[1] == '-' || char.IsAsciiLetter(item[1]))))
        {
            var near = NearestName.Of(item, parsed.CommandResult.Command.Options.Select(option => option.Name));
            throw new InvalidConfigurationException($"unknown option '{item}'{(near is null ? "" : $"; did you mean {near}?")} (write -- before items that begin with -)");
        }
    }

    public ItemSource Choose(ParseResult parsed)
    {
        var items = parsed.GetValue(_items) ?? [];
        RefuseOptions(parsed, items);
        return ItemSource.Choose(items, parsed.GetValue(_file), parsed.GetValue(_files) ?? []);
    }
}
