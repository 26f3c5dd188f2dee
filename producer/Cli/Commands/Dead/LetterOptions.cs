using System.CommandLine;
using System.Text.Json;
using Broker.Contracts;
using Broker.DeadLetters;
using Broker.Producer.Cli.Items;

namespace Broker.Producer.Cli.Commands.Dead;

/// <summary>Which dead items a command is about, and what becomes of them.</summary>
internal sealed class LetterOptions
{
    private readonly Option<string[]> _where = new("--where", "-w") { Description = "Only items for which this holds; repeatable: all have to", HelpName = "CONDITION", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string[]> _set = new("--set") { Description = "Change the item first; repeatable: number=5, size.width=100", HelpName = "PATH=VALUE", Arity = ArgumentArity.OneOrMore };

    public void AddTo(Command command, bool changes = false)
    {
        command.Options.Add(_where);
        if (changes)
            command.Options.Add(_set);
    }

    /// <summary>Null where all are meant.</summary>
    /// <exception cref="InvalidConfigurationException">A condition cannot be read.</exception>
    public Func<DeadItem, bool>? Where(ParseResult parsed)
    {
        var filters = (parsed.GetValue(_where) ?? []).Select(LetterFilter.Parse).ToList();
        return filters.Count == 0 ? null : item => filters.TrueForAll(filter => filter.Accepts(item));
    }

    /// <summary>Null where nothing is changed.</summary>
    /// <exception cref="InvalidConfigurationException">A change cannot be read.</exception>
    public Func<DeadItem, JsonElement>? Change(ParseResult parsed)
    {
        var changes = (parsed.GetValue(_set) ?? []).Select(Parse).ToList();
        return changes.Count == 0 ? null : item => changes.Aggregate(item.Item, (value, change) => Apply(item, value, change.Path, change.Value));
    }

    private static JsonElement Apply(DeadItem item, JsonElement value, string path, JsonElement other)
    {
        try
        {
            return JsonPath.Set(value, path, other);
        }
        catch (ArgumentException e)
        {
            throw new InvalidConfigurationException($"--set {path}: {e.Message} (item {item.Index} of batch {item.BatchId}); --where chooses items", e);
        }
    }

    private static (string Path, JsonElement Value) Parse(string text)
    {
        var sign = text.IndexOf('=', StringComparison.Ordinal);
        if (sign < 0)
            throw new InvalidConfigurationException($"--set '{text}' is not PATH=VALUE, as in number=5; ='new item' replaces the whole");
        using var value = JsonDocument.Parse(ItemText.ToJson(text[(sign + 1)..]));
        return (text[..sign], value.RootElement.Clone());
    }
}
