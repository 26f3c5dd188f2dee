using System.CommandLine;
using Broker.CommandLine;
using Broker.Fleet;
using Broker.Pool;
using Broker.Producer.Cli.Options;

namespace Broker.Producer.Cli.Commands.Fleet;

internal static class StatusCommand
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var kinds = new Argument<string[]>("KIND") { Description = "Only these kinds [default: all that are served or hold something]", Arity = ArgumentArity.ZeroOrMore };
        var watch = new Option<bool>("--watch", "-w") { Description = "Again every second, until Ctrl-C" };
        var output = new OutputOptions();
        var connection = new ConnectionOptions();
        var command = new Command("status", "Queues and consumers: what waits, who runs") { kinds, watch };
        output.AddTo(command, bar: false, full: "full: one JSON document");
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer status
            producer status --watch
            producer status my-kind             this one, with empty queues too
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var named = parsed.GetValue(kinds) ?? [];
            var page = new StatusPage(output.Full(parsed));
            var first = await TakeAsync(pool, named, session.Interrupted);
            if (parsed.GetValue(watch))
                await WatchAsync(pool, named, first, page, session);
            else
                page.Write(first, Console.Out);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<FleetSnapshot> TakeAsync(JobPool pool, string[] named, CancellationToken cancellationToken) =>
        (await pool.Fleet.LookAsync(named, cancellationToken)).Only(named);

    private static async Task WatchAsync(JobPool pool, string[] named, FleetSnapshot snapshot, StatusPage page, Session session)
    {
        using var timer = new PeriodicTimer(Refresh);
        try
        {
            while (true)
            {
                var screen = new StringWriter();
                // Home and clear: one write, so that the screen does not flicker.
                if (!Console.IsOutputRedirected)
                    screen.Write("\e[H\e[J");
                page.Write(snapshot, screen);
                Console.Out.Write(screen);
                await timer.WaitForNextTickAsync(session.Interrupted);
                snapshot = (await TakeAsync(pool, named, session.Interrupted)).Since(snapshot);
            }
        }
        catch (OperationCanceledException) when (session.Interrupted.IsCancellationRequested)
        {
            // Ctrl-C is how watching ends.
        }
    }
}
