using System.CommandLine;
using Broker.CommandLine;
using Broker.Fleet;
using Broker.Pool;
using Broker.Producer.Cli.Management;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

internal static class StatusCommand
{
    public static Command Create()
    {
        var kinds = new Argument<string[]>("KIND") { Description = "Only these kinds [default: all that are served or hold something]", Arity = ArgumentArity.ZeroOrMore };
        var watch = new Option<bool>("--watch", "-w") { Description = "Again every two seconds, with rates, until Ctrl-C" };
        var output = OptionTypes.Word("--output", ["-o"], "text|json", "json (or full): one JSON object per look and line", "text", "json", "full");
        var connection = new ConnectionOptions();
        var command = new Command("status", "Queues and consumers: what waits, runs or is stuck") { kinds, watch, output };
        connection.AddTo(command, management: true);
        HelpPage.Attach(
            command,
            """
            producer status
            producer status --watch
            producer status my-kind             this one, with empty queues too
            producer status --watch -o json | jq -c '[.at, .kinds[0].perSecond]'
            """,
            """
            READY jobs wait on the queue, RUN jobs are with a consumer, the oldest for so
            long (OLDEST). RATE/S is items per second of the last 10 s, LEFT when the queue
            is empty at that rate if no job is added. FAILED and DONE count items since
            the processes' start. Of a process, OLDEST, KIND and JOB are its oldest job.
            A wider terminal shows more columns; a pipe gets all. With --management, UNACKED
            and IN/S are the broker's own counts, a few seconds old.
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            using var management = ManagementApi.Of(session.Settings);
            var named = parsed.GetValue(kinds) ?? [];
            var json = parsed.GetValue(output) is "json" or "full";
            var first = await LookAsync(pool, management, named, session.Interrupted);
            if (parsed.GetValue(watch))
                await WatchAsync(token => LookAsync(pool, management, named, token), first, json, session);
            else
                new AppendedLooks(json).Show(first);
            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task<FleetSnapshot> LookAsync(JobPool pool, ManagementApi? management, string[] named, CancellationToken cancellationToken)
    {
        var look = (await pool.Fleet.LookAsync(named, cancellationToken)).Only(named);
        return management is null ? look : await BrokerCounts.AddAsync(look, management, cancellationToken);
    }

    private static async Task WatchAsync(Func<CancellationToken, Task<FleetSnapshot>> lookAsync, FleetSnapshot first, bool json, Session session)
    {
        if (json || !Picture.CanBeDrawn)
        {
            await new StatusWatch(lookAsync, new AppendedLooks(json).Show).RunAsync(first, session.Interrupted);
            return;
        }

        using var picture = new Picture();
        var looks = new DrawnLooks(picture, session.Colour);
        await new StatusWatch(lookAsync, looks.Show).RunAsync(first, session.Interrupted);
    }
}
