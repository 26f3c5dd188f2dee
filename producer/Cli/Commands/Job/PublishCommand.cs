using System.CommandLine;
using Broker.CommandLine;
using Broker.Fleet;
using Broker.Pool;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

internal static class PublishCommand
{
    public static Command Create()
    {
        var items = new ItemOptions();
        var run = new RunOptions();
        var dryRun = DryRun.Option();
        var connection = new ConnectionOptions();
        var command = new Command("publish", "Send items; return when the broker has confirmed all");
        items.AddTo(command);
        run.AddTo(command, several: true, waits: false);
        command.Options.Add(dryRun);
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer publish sleep 1 2 3
            producer publish word-count -f urls.txt --chunk 100
            producer publish word-count -f urgent.txt --priority 9
            """,
            RunOptions.PriorityNote);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            var source = items.Choose(parsed);
            if (parsed.GetValue(dryRun))
                return await DryRun.ShowAsync(source, selection: null, session.Interrupted);
            return await new Submission(parsed.GetValue(items.Kind)!, source, run.Read(parsed, source.Count), session).RunAsync();
        });
        return command;
    }
}
