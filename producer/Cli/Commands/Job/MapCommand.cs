using System.CommandLine;
using Broker.CommandLine;
using Broker.Contracts;
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
        var jobLog = new JobLogOptions();
        var halt = HaltRule.Option();
        var unordered = new Option<bool>("--unordered") { Description = "Results as they arrive, not in input order" };
        var detach = new Option<bool>("--detach") { Description = "Do not wait: print the batch's id, for producer collect" };
        var dryRun = DryRun.Option();
        var connection = new ConnectionOptions();
        var command = new Command("map", "Run items; results in input order, one per line");
        items.AddTo(command);
        run.AddTo(command, several: true, waits: true);
        command.Options.Add(unordered);
        output.AddTo(command, bar: true);
        jobLog.AddTo(command);
        command.Options.Add(halt);
        command.Options.Add(detach);
        command.Options.Add(dryRun);
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer map double 5 10 15
            seq 1 100000 | producer map double -f - --bar | tail -1
            producer map word-count --files *.txt --output full
            producer map double -f items --unordered --joblog log >> results
            producer map double -f items --unordered --joblog log --resume >> results
            producer map resize -f pictures.txt --halt soon,fail=10
            producer collect --wait $(producer map double --detach 5 10 15)
            """,
            RunOptions.PriorityNote +
            """


            The joblog has GNU parallel's columns: Seq (index and 1), Host, Starttime and
            JobRuntime in seconds (of the message; its time is divided among its items),
            Send and Receive in bytes, Exitval (0, or 1: failed), Signal (0), Command (kind
            and item, shortened to 120 bytes, then # and a hash of all of it). Lines are
            written as items are done. With --unordered a result is on stdout before its
            line is in the joblog; in order, a result may still wait for earlier ones.
            A resumed map needs the same input: an item that has changed since is run
            again, and said. Results of skipped items are not printed.

            --halt soon sends no more items and waits for those that are sent, about two
            seconds of work; now cancels them, and prints the results that are there. N%
            is of all items; for a pipe it can be told only when it has been read. never,
            0, 1, 2, -1, -2 and N% alone are what they are to GNU parallel.
            Exit: 0, or how many items failed (101: over 100); their lines are null. 0 as
            well where --halt ...,success=N was reached. Only this run's items count.
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            var source = items.Choose(parsed);
            var (kind, plan, rule) = (parsed.GetValue(items.Kind)!, jobLog.Read(parsed), parsed.GetValue(halt));
            if (parsed.GetValue(detach) && (plan is not null || rule is not null))
                throw new InvalidConfigurationException($"{(plan is null ? "--halt" : "--joblog")} needs outcomes, and --detach does not wait for them: give one of them");
            if (parsed.GetValue(dryRun))
                return await DryRun.ShowAsync(source, plan?.Preview(kind), session.Interrupted);
            if (parsed.GetValue(detach))
                return await new Submission(kind, source, run.Read(parsed, source.Count), session) { Detached = true }.RunAsync();
            var batch = new BatchRun(kind, source, run.Read(parsed, source.Count), session)
            {
                Ordered = !parsed.GetValue(unordered),
                Full = output.Full(parsed),
                Bar = output.Bar(parsed),
                JobLog = plan,
                Halt = rule,
            };
            return await batch.RunAsync();
        });
        return command;
    }
}
