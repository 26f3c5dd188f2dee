using System.CommandLine;

namespace Broker.Producer.Cli;

/// <summary>
/// Lets options stand before the command, and <c>help COMMAND</c> for <c>COMMAND --help</c>: arguments are put in the order that the parser knows.
/// </summary>
internal static class CommandFirst
{
    public static string[] Arrange(string[] args, Command root)
    {
        if (args.Length == 0)
            return ["--help"];
        if (args[0] == "help")
            return args.Length == 1 || root.Subcommands.Any(command => Names(command, args[1])) ? [.. args[1..], "--help"] : args[1..];
        var at = 0;
        while (at < args.Length && args[at].Length > 1 && args[at][0] == '-' && args[at] != "--")
            at += TakesValue(args[at], root) ? 2 : 1;
        return at == 0 || at >= args.Length || !root.Subcommands.Any(command => Names(command, args[at])) ? args : [args[at], .. args[..at], .. args[(at + 1)..]];
    }

    private static bool Names(Command command, string name) => command.Name == name || command.Aliases.Contains(name);

    private static bool TakesValue(string option, Command root) =>
        root.Subcommands.SelectMany(command => command.Options).Any(known => (known.Name == option || known.Aliases.Contains(option)) && known.Arity.MinimumNumberOfValues > 0);
}
