using System.CommandLine;
using Broker.CommandLine;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

internal static class MapCommand
{
    public static Command Create()
    {
        var items = new ItemOptions();
        var run = new RunOptions();
        var output = new OutputOptions();
        var unordered = new Option<bool>("--unordered") { Description = "Results as they arrive, not in input order" };
        var detach = new Option<bool>("--detach") { Description = "Do not wait: print the batch's id, for producer collect" };
        var dryRun = DryRun.Option();
        var connection = new ConnectionOptions();
        var command = new Command("map", "Run items; results in input order, one per line");
        items.AddTo(command);
        run.AddTo(command, several: true, waits: true);
        command.Options.Add(unordered);
        output.AddTo(command, bar: true);
        command.Options.Add(detach);
        command.Options.Add(dryRun);
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer map double 5 10 15
            seq 1 100000 | producer map double -f - --bar | tail -1
            producer map word-count --files *.txt --output full
            producer collect --wait $(producer map double --detach 5 10 15)
            """,
            "Exit: 0, or how many items failed (101: over 100); their lines are null.");
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            var source = items.Choose(parsed);
            if (parsed.GetValue(dryRun))
                return await DryRun.ShowAsync(source, session.Interrupted);
            if (parsed.GetValue(detach))
                return await new Submission(parsed.GetValue(items.Kind)!, source, run.Read(parsed, source.Count), session) { Detached = true }.RunAsync();
            var batch = new BatchRun(parsed.GetValue(items.Kind)!, source, run.Read(parsed, source.Count), session)
            {
                Ordered = !parsed.GetValue(unordered),
                Full = output.Full(parsed),
                Bar = output.Bar(parsed),
            };
            return await batch.RunAsync();
        });
        return command;
    }
}
