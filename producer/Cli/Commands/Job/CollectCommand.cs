using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Broker.CommandLine;
using Broker.Pool;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Job;

internal static class CollectCommand
{
    public static Command Create()
    {
        var id = new Argument<Guid>("BATCH") { Description = "The id that map --detach printed", CustomParser = Parse };
        var wait = new Option<bool>("--wait") { Description = "Wait for outcomes that are not there yet, and for the broker" };
        var unordered = new Option<bool>("--unordered") { Description = "Results as they came, not in input order" };
        var from = new Option<long>("--from") { Description = "Begin with the item of this index [default: 0]", HelpName = "N", CustomParser = ParseIndex };
        var deadline = OptionTypes.Duration("--deadline", [], "Give up waiting after this (exit 124)");
        var output = new OutputOptions();
        var connection = new ConnectionOptions();
        var command = new Command("collect", "Results of a detached batch") { id, wait, unordered, from, deadline };
        output.AddTo(command, bar: true);
        connection.AddTo(command, wait: false);
        HelpPage.Attach(
            command,
            """
            batch=$(seq 1 100000 | producer map double --detach -f -)
            producer collect $batch --wait | tail -1
            producer collect $batch --unordered --output full
            """,
            """

            Nothing is taken away: any number may collect, at once and again, for a day.
            Without --wait the results end before the first that is missing (with
            --unordered at the last that is there), and the exit code is 75.
            Exit: 0, or how many items failed (101: over 100), 75 when some are missing.
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed, parsed.GetValue(wait) ? parsed.GetValue(deadline) ?? TimeSpan.MaxValue : null);
            var options = new CollectOptions
            {
                Wait = parsed.GetValue(wait),
                Ordered = !parsed.GetValue(unordered),
                From = parsed.GetValue(from),
                Deadline = parsed.GetValue(deadline),
            };
            await using var pool = await session.ConnectAsync();
            var collection = pool.Collect(parsed.GetValue(id), options);
            var failures = new FailureReport(session.Debug);
            using var results = new ResultWriter(StandardOutput.Open(), output.Full(parsed));
            var printer = new OutcomePrinter(results, failures)
            {
                Bar = output.Bar(parsed) ? new ProgressBar("collect", () => collection.Items - options.From, exact: true, session.Colour) : null,
            };
            try
            {
                await printer.RunAsync(collection.ReadAsync, session.Interrupted);
            }
            catch (OutputClosedException e)
            {
                Screen.Say($"{e.Message} after {results.Written} results");
                return e.ExitCode;
            }
            catch (OperationCanceledException) when (session.Interrupted.IsCancellationRequested)
            {
                Screen.Say($"interrupted after {results.Written} results; the batch goes on");
                return ExitCodes.Interrupted;
            }

            failures.Summarise(results.Written);
            return collection.Known >= collection.Items ? failures.ExitCode : await SayMissingAsync(pool, collection, options, session.Interrupted);
        });
        return command;
    }

    private static async Task<int> SayMissingAsync(JobPool pool, Collection collection, CollectOptions options, CancellationToken cancellationToken)
    {
        var missing = collection.Items is { } items
            ? $"{items - collection.Known} of {items} items have no outcome yet"
            : $"{collection.Known} items have their outcome; how many there are is not known: their submission goes on, or was interrupted";
        var fleet = await pool.Fleet.AskAsync(cancellationToken);
        var running = fleet.Kinds.SelectMany(kind => kind.Served).SelectMany(kind => kind.Jobs ?? []).Where(job => job.BatchId == collection.BatchId).Sum(job => job.Count);
        Screen.Say($"{missing}; {running} of them {(running == 1 ? "is" : "are")} with a consumer now, the others wait{(options.Ordered ? $" (go on with --from {collection.Next})" : "")}");
        return ExitCodes.Incomplete;
    }

    private static Guid Parse(ArgumentResult result)
    {
        if (!Guid.TryParse(result.Tokens[0].Value, out var id))
            result.AddError($"'{result.Tokens[0].Value}' is no batch id, such as 019ad02c-8a2e-7c34-9f30-54c9a0c4c1d2");
        return id;
    }

    private static long ParseIndex(ArgumentResult result)
    {
        if (!long.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            result.AddError($"--from '{result.Tokens[0].Value}' is no index: they count from 0");
        return index;
    }
}
