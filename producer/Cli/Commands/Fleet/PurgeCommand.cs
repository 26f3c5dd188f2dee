using System.CommandLine;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Fleet;
using Broker.Pool;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;
using Broker.Topology;

namespace Broker.Producer.Cli.Commands.Fleet;

internal static class PurgeCommand
{
    public static Command Create()
    {
        var kind = ItemOptions.KindArgument();
        kind.Description = "Whose jobs";
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Say how many jobs there are, and remove none" };
        var connection = new ConnectionOptions();
        var command = new Command("purge", "Remove the jobs that are ready on a kind's queue") { kind, yes, dryRun };
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer purge resize --dry-run
            producer purge resize --yes         in a script
            """,
            """
            For jobs that no caller waits for: a caller finds its jobs neither queued nor
            running, and sends them again (producer cancel ends those). Jobs that
            consumers hold, and those that wait for a retry, stay; so do dead letters
            (producer dead purge). A job may be a chunk of many items.
            Exit: 0 removed, 1 not confirmed.
            """);
        command.SetAction(async parsed =>
        {
            var (name, confirmed, dry) = (parsed.GetValue(kind)!, parsed.GetValue(yes), parsed.GetValue(dryRun));
            if (!confirmed && !dry && !Question.CanBeAsked)
                throw new InvalidConfigurationException("purge removes jobs for good and asks first, and there is no terminal to ask on: write --yes (--dry-run says how many jobs there are)");
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var ready = (await QueueAsync(pool, name, session.Interrupted)).Ready;
            if (dry)
            {
                Screen.Say($"{Jobs(ready)} of kind {name} would be removed");
                return ExitCodes.Success;
            }

            if (!confirmed && ready > 0 && !await Question.AskAsync($"{Jobs(ready)} of kind {name} will be lost, and never run. Remove them?", session.Interrupted))
            {
                Screen.Say("none removed");
                return ExitCodes.Failed;
            }

            Screen.Say($"{Jobs(await pool.PurgeAsync(name, session.Interrupted))} of kind {name} removed");
            return ExitCodes.Success;
        });
        return command;
    }

    /// <exception cref="InvalidConfigurationException">It has none: most likely a misspelt kind.</exception>
    private static async Task<QueueDepth> QueueAsync(JobPool pool, string kind, CancellationToken cancellationToken)
    {
        if ((await pool.Fleet.LookAtAsync(kind, cancellationToken)).Jobs is { } queue)
            return queue;
        var near = NearestName.Of(kind, await pool.Fleet.ListKindsAsync([], cancellationToken));
        throw new InvalidConfigurationException($"kind '{kind}' has no queue on this broker{(near is null ? "" : $"; did you mean {near}?")}");
    }

    private static string Jobs(long count) => $"{count} {(count == 1 ? "job" : "jobs")}";
}
