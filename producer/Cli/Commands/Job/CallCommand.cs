using System.CommandLine;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Producer.Cli.Items;
using Broker.Producer.Cli.Options;

namespace Broker.Producer.Cli.Commands.Job;

internal static class CallCommand
{
    /// <summary>A call without an item sends an empty object, for args that are all optional.</summary>
    private const string NoArguments = "{}";

    public static Command Create()
    {
        var kind = ItemOptions.KindArgument();
        var item = new Argument<string?>("ITEM") { Description = "JSON if it parses, else text", Arity = ArgumentArity.ZeroOrOne };
        // For an error that says what is meant.
        var more = new Argument<string[]>("MORE") { Arity = ArgumentArity.ZeroOrMore, Hidden = true };
        var run = new RunOptions();
        var output = new OutputOptions();
        var dryRun = DryRun.Option();
        var connection = new ConnectionOptions();
        var command = new Command("call", "Run one item and print its result") { kind, item, more };
        run.AddTo(command, several: false, waits: true);
        output.AddTo(command, bar: true);
        command.Options.Add(dryRun);
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer call double 21
            producer call count-primes '{"from":0,"to":1000000}'
            producer call word-count "to be or not to be" --deadline 10s
            """,
            $"{RunOptions.PriorityNote}\nExit: 0, or 1 when the item failed.");
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            string[] given = parsed.GetValue(item) is { } one ? [one, .. parsed.GetValue(more) ?? []] : [];
            ItemOptions.RefuseOptions(parsed, given);
            if (given.Length > 1)
                throw new InvalidConfigurationException($"a call has one item, and '{given[1]}' is a second: put an item with spaces in quotes, or run several with producer map {parsed.GetValue(kind)}");
            var source = ItemSource.Choose(given.Length == 0 ? [NoArguments] : given, lines: [], files: []);
            if (parsed.GetValue(dryRun))
                return await DryRun.ShowAsync(source, selection: null, session.Interrupted);
            var call = new BatchRun(parsed.GetValue(kind)!, source, run.Read(parsed, expectedItems: 1), session)
            {
                Full = output.Full(parsed),
                Bar = output.Bar(parsed),
                FailedItemsHaveLines = false,
                ItemIsMissing = given.Length == 0,
            };
            return await call.RunAsync();
        });
        return command;
    }
}
