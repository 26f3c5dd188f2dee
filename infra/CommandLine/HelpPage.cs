using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Broker.Topology;

namespace Broker.CommandLine;

/// <summary>A command's help: description, examples, then every option. Generated from the command, so that it lists exactly the options that exist.</summary>
public sealed class HelpPage : SynchronousCommandLineAction
{
    private const int Width = 80;
    private const int Column = 26;

    private readonly string _examples;
    private readonly string _footer;

    private HelpPage(string examples, string footer)
    {
        _examples = examples;
        _footer = footer;
    }

    /// <summary>Gives <paramref name="command"/> this help instead of the library's.</summary>
    /// <param name="examples">Commands, one per line.</param>
    /// <param name="footer">Text after the options; may be empty.</param>
    public static void Attach(Command command, string examples, string footer = "")
    {
        var help = command.Options.OfType<HelpOption>().FirstOrDefault();
        if (help is null)
            command.Options.Add(help = new HelpOption());
        help.Description = "Show this";
        help.Action = new HelpPage(examples, footer);
    }

    public override int Invoke(ParseResult parseResult)
    {
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        output.WriteLine($"usage: {Synopsis(command)} [OPTION...]");
        output.WriteLine($"{command.Description}");
        output.WriteLine();
        foreach (var example in _examples.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            output.WriteLine($"  {example}");
        output.WriteLine();
        foreach (var child in command.Subcommands.Where(child => !child.Hidden))
            WriteRow(output, $"{child.Name} {Arguments(child)}".TrimEnd(), child.Description);
        if (command.Subcommands.Count > 0)
            output.WriteLine();
        foreach (var option in command.Options.Where(option => !option.Hidden && option is not VersionOption))
            WriteRow(output, Names(option), option.Description);
        if (_footer.Length > 0)
            output.WriteLine($"\n{_footer.TrimStart('\n')}");

        return 0;
    }

    /// <summary>How the command is written: <c>producer map KIND [ITEM...]</c>.</summary>
    internal static string Synopsis(Command command)
    {
        var path = command.Name;
        for (var parent = command.Parents.OfType<Command>().FirstOrDefault(); parent is not null; parent = parent.Parents.OfType<Command>().FirstOrDefault())
            path = $"{parent.Name} {path}";
        var verb = command is RootCommand && command.Subcommands.Any(child => !child.Hidden) && command.Action is null ? " COMMAND" : "";
        return $"{path}{verb} {Arguments(command)}".TrimEnd();
    }

    private static string Arguments(Command command) => string.Join(' ', command.Arguments.Where(argument => !argument.Hidden).Select(argument =>
    {
        var name = argument.HelpName ?? argument.Name;
        var many = argument.Arity.MaximumNumberOfValues > 1 ? "..." : "";
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}{many}]" : $"{name}{many}";
    }));

    private static string Names(Option option)
    {
        var names = option.Aliases.Prepend(option.Name).Where(name => name.StartsWith('-') && name is not ("-?" or "/h" or "/?")).Distinct().OrderBy(name => name.Length);
        return $"{string.Join(", ", names)} {option.HelpName}".TrimEnd();
    }

    private static void WriteRow(TextWriter output, string left, string? right)
    {
        var lines = Wrap(right ?? "", Width - Column - 2).ToList();
        if (left.Length > Column - 2)
        {
            output.WriteLine($"  {left}");
            left = "";
        }

        output.WriteLine($"  {left.PadRight(Column - 2)}  {lines[0]}".TrimEnd());
        foreach (var line in lines.Skip(1))
            output.WriteLine($"  {"".PadRight(Column - 2)}  {line}");
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }
}
