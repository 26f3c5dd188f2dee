using System.CommandLine;
using Broker.CommandLine;
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
        var run = new RunOptions();
        var output = new OutputOptions();
        var dryRun = DryRun.Option();
        var connection = new ConnectionOptions();
        var command = new Command("call", "Run one item and print its result") { kind, item };
        run.AddTo(command, several: false, waits: true);
        output.AddTo(command, bar: false);
        command.Options.Add(dryRun);
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer call double 21
            producer call count-primes '{"from":0,"to":1000000}'
            producer call word-count "to be or not to be" --deadline 10s
            """,
            "Exit: 0, or 1 when the item failed.");
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            string[] given = [parsed.GetValue(item) ?? NoArguments];
            ItemOptions.RefuseOptions(parsed, given);
            var source = ItemSource.Choose(given, lines: null, files: []);
            if (parsed.GetValue(dryRun))
                return await DryRun.ShowAsync(source, session.Interrupted);
            var call = new BatchRun(parsed.GetValue(kind)!, source, run.Read(parsed, expectedItems: 1), session) { Full = output.Full(parsed), FailedItemsHaveLines = false };
            return await call.RunAsync();
        });
        return command;
    }
}
