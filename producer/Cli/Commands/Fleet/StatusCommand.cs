using System.CommandLine;
using System.Text.Json;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Pool;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

internal static class StatusCommand
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var kinds = new Argument<string[]>("KIND") { Description = "Kinds to show although nobody serves them", Arity = ArgumentArity.ZeroOrMore };
        var watch = new Option<bool>("--watch", "-w") { Description = "Again every second, until Ctrl-C" };
        var output = new OutputOptions();
        var connection = new ConnectionOptions();
        var command = new Command("status", "Queues and consumers: what waits, who runs") { kinds, watch };
        output.AddTo(command, bar: false);
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer status
            producer status --watch
            producer status my-kind             also a kind that nobody serves now
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var named = parsed.GetValue(kinds) ?? [];
            var before = await FleetStatus.TakeAsync(pool, named, previous: null, session.Interrupted);
            if (!parsed.GetValue(watch))
            {
                Show(before, output.Full(parsed), Console.Out);
                return ExitCodes.Success;
            }

            await WatchAsync(pool, named, before, output.Full(parsed), session);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task WatchAsync(JobPool pool, string[] named, FleetStatus before, bool full, Session session)
    {
        using var timer = new PeriodicTimer(Refresh);
        try
        {
            do
            {
                var screen = new StringWriter();
                // Home and clear: one write, so that the screen does not flicker.
                if (!Console.IsOutputRedirected)
                    screen.Write("\e[H\e[J");
                Show(before, full, screen);
                Console.Out.Write(screen);
                await timer.WaitForNextTickAsync(session.Interrupted);
                before = await FleetStatus.TakeAsync(pool, named, before, session.Interrupted);
            }
            while (true);
        }
        catch (OperationCanceledException) when (session.Interrupted.IsCancellationRequested)
        {
            // Ctrl-C is how watching ends.
        }
    }

    private static void Show(FleetStatus status, bool full, TextWriter output)
    {
        if (full)
        {
            output.WriteLine(JsonSerializer.Serialize(status, PayloadJson.Options));
            return;
        }

        var queues = new TextTable("KIND", "WAITING", "RUNNING", "AT ONCE", "PROCESSES", "DONE", "FAILED", "PER SECOND", "DEAD");
        foreach (var kind in status.Kinds)
            queues.Add(kind.Kind, Number(kind.Waiting), $"{kind.Running}", $"{kind.AtOnce}", $"{kind.Processes}", $"{kind.Done}", $"{kind.Failed}", kind.PerSecond is { } rate ? $"{rate:0.#}" : "-", Number(kind.Dead));
        queues.Write(output);
        if (status.Processes.Count == 0)
        {
            output.WriteLine("no consumer answers");
            return;
        }

        output.WriteLine();
        var processes = new TextTable("HOST", "PID", "NAME", "RUNNING", "DONE", "FAILED", "UP", "VERSION");
        foreach (var process in status.Processes)
            processes.Add(process.Host, $"{process.Pid}", process.Name, $"{process.Running}", $"{process.Done}", $"{process.Failed}", Duration(process.Up), process.Version);
        processes.Write(output);
    }

    private static string Number(long? value) => value is { } number ? $"{number}" : "-";

    private static string Duration(TimeSpan time) => time.TotalDays >= 1 ? $"{time.TotalDays:0.0}d" : time.TotalHours >= 1 ? $"{time.TotalHours:0.0}h" : time.TotalMinutes >= 1 ? $"{time.TotalMinutes:0}m" : $"{time.TotalSeconds:0}s";
}
