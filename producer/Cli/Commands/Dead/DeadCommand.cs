using System.CommandLine;
using System.Globalization;
using System.Runtime.CompilerServices;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.DeadLetters;
using Broker.Pool;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Dead;

/// <summary>What was given up: looked at, sent again, removed.</summary>
internal static class DeadCommand
{
    public static Command Create()
    {
        var command = new Command("dead", "What was given up: list, show, redrive, purge") { List(), Show(), Redrive(), Purge() };
        HelpPage.Attach(
            command,
            """
            producer dead list double
            producer dead show 01a21e88-55b4-722d-86e6-057fef192307
            producer dead redrive double --where type~Timeout --where 'age<1h'
            producer dead purge double --where args.number=5
            """,
            LetterFilter.Rule);
        return command;
    }

    private static Command List()
    {
        var kinds = new Argument<string[]>("KIND") { Description = "Only these kinds [default: all]", Arity = ArgumentArity.ZeroOrMore };
        var letters = new LetterOptions();
        var output = new OutputOptions();
        var connection = new ConnectionOptions();
        var command = new Command("list", "One line an item, the oldest first") { kinds };
        letters.AddTo(command);
        output.AddTo(command, bar: false, full: "full: one JSON object an item");
        connection.AddTo(command);
        HelpPage.Attach(command, "producer dead list\nproducer dead list double --where 'age<1h' -o full", LetterFilter.Rule);
        command.SetAction(async parsed =>
        {
            var where = letters.Where(parsed);
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var full = output.Full(parsed);
            var shown = 0L;
            await foreach (var item in ItemsAsync(pool, parsed.GetValue(kinds) ?? [], where, session.Interrupted))
            {
                if (shown++ == 0 && !full)
                    Console.Out.WriteLine(LetterPage.Header);
                Console.Out.WriteLine(full ? LetterPage.Document(item, readable: false) : LetterPage.Line(item));
            }

            if (shown == 0)
                Screen.Say(where is null ? "no dead letters" : "no dead letter is meant by that");
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Show()
    {
        var job = new Argument<Guid>("JOB") { Description = "The id of a job" };
        var connection = new ConnectionOptions();
        var command = new Command("show", "All that is known of a job's dead items") { job };
        connection.AddTo(command);
        HelpPage.Attach(command, "producer dead show 01a21e88-55b4-722d-86e6-057fef192307", "Exit: 0, or 1 when there is none.");
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var id = parsed.GetValue(job);
            var shown = 0L;
            await foreach (var item in ItemsAsync(pool, [], item => item.JobId == id, session.Interrupted))
            {
                shown++;
                Console.Out.WriteLine(LetterPage.Document(item, readable: true));
            }

            if (shown == 0)
                Screen.Say($"no dead letter of job {id}");
            return shown == 0 ? ExitCodes.Failed : ExitCodes.Success;
        });
        return command;
    }

    private static Command Redrive()
    {
        var kind = ItemOptions.KindArgument();
        var letters = new LetterOptions();
        var rate = OptionTypes.WholeNumber("--rate", [], "At most so many items a second [default: no limit]");
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the items as they would be sent, and send none" };
        var connection = new ConnectionOptions();
        var command = new Command("redrive", "Have items run again, as new ones") { kind };
        letters.AddTo(command, changes: true);
        command.Options.Add(rate);
        command.Options.Add(dryRun);
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer dead redrive double
            producer dead redrive resize --where 'message~no space' --rate 10
            producer dead redrive double --where args=text --set =21 --dry-run
            """,
            $"""
            An item leaves the dead letters when the broker has confirmed its job, so an
            interruption loses none; one message's items may then run twice.
            {LetterFilter.Rule}
            """);
        command.SetAction(async parsed =>
        {
            var options = new RedriveOptions { Where = letters.Where(parsed), Change = letters.Change(parsed), Rate = parsed.GetValue(rate) };
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var queue = pool.DeadLetters(parsed.GetValue(kind)!);
            if (!parsed.GetValue(dryRun))
                return Say(await queue.RedriveAsync(options, session.Interrupted), "sent again");
            await foreach (var item in queue.ListAsync(session.Interrupted))
            {
                if (options.Where?.Invoke(item) ?? true)
                    Console.Out.WriteLine((options.Change?.Invoke(item) ?? item.Item).GetRawText());
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Purge()
    {
        var kind = ItemOptions.KindArgument();
        var letters = new LetterOptions();
        var dryRun = new Option<bool>("--dry-run") { Description = "Show the items, and remove none" };
        var connection = new ConnectionOptions();
        var command = new Command("purge", "Remove items for good") { kind };
        letters.AddTo(command);
        command.Options.Add(dryRun);
        connection.AddTo(command);
        HelpPage.Attach(command, "producer dead purge double --where 'age>30d'", $"Without --where also what cannot be read.\n{LetterFilter.Rule}");
        command.SetAction(async parsed =>
        {
            var where = letters.Where(parsed);
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var queue = pool.DeadLetters(parsed.GetValue(kind)!);
            if (!parsed.GetValue(dryRun))
                return Say(await queue.PurgeAsync(where, session.Interrupted), "removed");
            await foreach (var item in queue.ListAsync(session.Interrupted))
            {
                if (where?.Invoke(item) ?? true)
                    Console.Out.WriteLine(LetterPage.Line(item));
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static async IAsyncEnumerable<DeadItem> ItemsAsync(JobPool pool, string[] kinds, Func<DeadItem, bool>? where, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kinds.Length == 0)
            kinds = [.. (await pool.Fleet.LookAsync([], cancellationToken)).Kinds.Where(kind => kind.Dead > 0).Select(kind => kind.Kind)];
        foreach (var kind in kinds)
        {
            await foreach (var item in pool.DeadLetters(kind).ListAsync(cancellationToken))
            {
                if (where?.Invoke(item) ?? true)
                    yield return item;
            }
        }
    }

    private static int Say(DeadLetterCounts counts, string what)
    {
        var rest = counts.Left > 0 ? $", {counts.Left} left" : "";
        var unreadable = counts.Unreadable > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {counts.Unreadable} messages cannot be read") : "";
        Screen.Say($"{counts.Done} {(counts.Done == 1 ? "item" : "items")} {what}{rest}{unreadable}");
        return ExitCodes.Success;
    }
}
