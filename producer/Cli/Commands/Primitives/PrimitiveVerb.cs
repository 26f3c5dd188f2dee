using System.CommandLine;
using Broker.CommandLine;
using Broker.Primitives;
using Broker.Producer.Cli.Options;

namespace Broker.Producer.Cli.Commands.Primitives;

/// <summary>A command below the name of a primitive, as <c>event set</c>.</summary>
internal static class PrimitiveVerb
{
    /// <param name="name">As <c>set</c>.</param>
    /// <param name="description">For the list.</param>
    /// <param name="examples">For its own help.</param>
    /// <param name="parts">Its arguments and options, in their order.</param>
    /// <param name="wait">How it waits; null where it does not.</param>
    /// <param name="runAsync">Runs it.</param>
    public static Command Of(string name, string description, string examples, IReadOnlyList<Symbol> parts, WaitOptions? wait, Func<ParseResult, BrokerPrimitives, CancellationToken, Task<int>> runAsync)
    {
        var connection = new ConnectionOptions();
        var command = new Command(name, description);
        wait?.Check(command);
        foreach (var part in parts.Concat(wait?.All ?? []))
        {
            if (part is Argument argument)
                command.Arguments.Add(argument);
            else if (part is Option option)
                command.Options.Add(option);
        }

        connection.AddTo(command);
        HelpPage.Attach(command, examples);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var primitives = await session.ConnectPrimitivesAsync();
            return await runAsync(parsed, primitives, session.Interrupted);
        });
        return command;
    }

    public static Command Of(string name, string description, string examples, IReadOnlyList<Symbol> parts, Func<ParseResult, BrokerPrimitives, CancellationToken, Task<int>> runAsync) =>
        Of(name, description, examples, parts, wait: null, runAsync);

    /// <summary>A command whose verbs do the work.</summary>
    public static Command Group(string name, string description, string examples, string footer, params Command[] verbs)
    {
        // One line of the overview names all of these.
        var command = new Command(name, description) { Hidden = true };
        foreach (var verb in verbs)
            command.Subcommands.Add(verb);
        HelpPage.Attach(command, examples, footer);
        return command;
    }

    public static Argument<string> Name() => new("NAME") { Description = "The same for all who share it" };

    /// <summary>One line on standard output.</summary>
    /// <returns>Success.</returns>
    public static int Print(string line)
    {
        Console.Out.WriteLine(line);
        return ExitCodes.Success;
    }
}
