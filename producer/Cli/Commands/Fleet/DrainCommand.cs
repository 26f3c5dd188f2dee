using System.CommandLine;
using System.Globalization;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Fleet;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

internal static class DrainCommand
{
    /// <summary>Of processes in one line.</summary>
    private const int MostNamed = 10;

    public static Command Create()
    {
        var target = new Argument<string>("HOST|PID") { Description = "All consumers of a host, or the one of this process id, as status shows them" };
        var host = new Option<string?>("--host") { Description = "The host of the process id, where several hosts have it", HelpName = "HOST" };
        var connection = new ConnectionOptions();
        var command = new Command("drain", "Stop consumers gently, with no job lost") { target, host };
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer drain web1                         every consumer on a host
            producer drain 4711                         one process
            producer drain 1 --host c2                  in containers each is process 1
            """,
            """

            As with SIGTERM, running jobs may finish for the consumer's shutdown timeout
            and are requeued then; the process ends with 0. A child of consumer -p is not
            replaced; the id of its supervisor stops all its children and itself. What
            starts a consumer again whatever its exit code was, will do so here as well.
            Exit: 0, 64 when no consumer is meant, or 1 when one does not answer.
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var fleet = await pool.Fleet.AskAsync(session.Interrupted);
            var meant = DrainTarget.Find(fleet, parsed.GetValue(target)!, parsed.GetValue(host));
            var stopping = await pool.Fleet.DrainAsync(meant.Host, meant.ProcessId, meant.Processes, session.Interrupted);
            foreach (var process in stopping.OrderBy(one => one.Worker.ProcessId))
                Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{process.Worker.ProcessId} on {process.Worker.Host} ({process.Worker.Name}) is stopping; jobs running: {process.Running}"));
            if (meant.Processes.Except(stopping.Select(one => one.Worker)).ToList() is not { Count: > 0 } silent)
                return ExitCodes.Success;
            Screen.Say($"no answer by {Names(silent)}: too busy, or of an older version");
            return ExitCodes.Failed;
        });
        return command;
    }

    internal static string Names(IReadOnlyCollection<ProcessIdentity> processes) =>
        string.Join("; ", processes.Take(MostNamed).Select(process => $"{process.ProcessId} on {process.Host}")) + (processes.Count > MostNamed ? $"; and {processes.Count - MostNamed} more" : "");
}
