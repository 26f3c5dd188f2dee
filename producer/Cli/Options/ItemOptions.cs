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

    private readonly Option<string[]> _lines = new("--file", "-f")
    {
        Description = "Items from FILE, one per line; - is stdin. Repeated: one file after another",
        HelpName = "FILE",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]> _files = new("--files")
    {
        Description = "Each file is an item: its text, which must be UTF-8",
        HelpName = "PATH...",
        AllowMultipleArgumentsPerToken = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _binary = new("--binary") { Description = "The items of --files are base64 of any bytes" };

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
        command.Options.Add(_lines);
        command.Options.Add(_files);
        command.Options.Add(_binary);
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
        return ItemSource.Choose(items, parsed.GetValue(_lines) ?? [], parsed.GetValue(_files) ?? [], parsed.GetValue(_binary));
    }
}
