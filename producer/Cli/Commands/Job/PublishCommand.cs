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
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            var source = items.Choose(parsed);
            if (parsed.GetValue(dryRun))
                return await DryRun.ShowAsync(source, session.Interrupted);
            await using var pool = await session.ConnectAsync();
            var kind = parsed.GetValue(items.Kind)!;
            var (batchId, count) = await pool.PublishAsync(kind, source.ReadAsync(session.Interrupted), run.Read(parsed, source.Count), session.Interrupted);
            Console.Out.WriteLine(batchId);
            Screen.Say($"{count} {(count == 1 ? "item" : "items")} of kind {kind} confirmed by the broker");
            source.ThrowIfBroken();
            await WarnAsync(pool, kind, session);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task WarnAsync(JobPool pool, string kind, Session session)
    {
        try
        {
            if (await ServiceWatch.NoConsumerAsync(pool.Fleet, kind, session.Interrupted) is { } none)
                Screen.Say($"{none}; its jobs wait on the broker");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // All is confirmed: an error now would have it published again.
            if (session.Debug)
                Screen.Say($"who serves '{kind}' could not be found out: {e.Message}");
        }
    }
}
