using System.CommandLine;
using Broker.CommandLine;
using Broker.Producer.Cli;
using Broker.Producer.Cli.Commands.Dead;
using Broker.Producer.Cli.Commands.Doctor;
using Broker.Producer.Cli.Commands.Fleet;
using Broker.Producer.Cli.Commands.Job;
using Broker.Producer.Cli.Commands.Primitives;
using Broker.Producer.Cli.Output;

var root = new RootCommand("Sends jobs to a fleet of consumers by RabbitMQ, and brings back every result.")
{
    MapCommand.Create(),
    CallCommand.Create(),
    PublishCommand.Create(),
    CollectCommand.Create(),
    CancelCommand.Create(),
    KindsCommand.Create(),
    StatusCommand.Create(),
    DoctorCommand.Create(),
    LogsCommand.Create(),
    LogLevelCommand.Create(),
    DrainCommand.Create(),
    DeadCommand.Create(),
    PurgeCommand.Create(),
    HoldCommand.CreateLock(),
    HoldCommand.CreateSemaphore(),
    EventCommand.Create(),
    BarrierCommand.Create(),
    QueueCommand.Create(),
    ValueCommand.Create(),
    DictCommand.Create(),
    PrimitivesCommand.Create(),
};
HelpPage.Attach(
    root,
    """
    producer call double 21                         one job, one result
    seq 1 100000 | producer map double -f - --bar   results in order
    producer status --watch                         the fleet at work
    """,
    """

    For scripts on several machines (producer help lock, and so on): lock,
    semaphore, event, barrier, queue, value, dict, primitives.
    An item is JSON if it parses, else text. stdout has results, stderr all else.
    Exit: 0 all succeeded, 1-100 so many items failed (101: more), 64 bad input,
    69 no broker, 74 no output, 75 results missing, 124 deadline, 130 interrupted.
    producer help COMMAND explains a command.
    """);
try
{
    StandardStreams.Prepare();
    var parsed = root.Parse(CommandFirst.Arrange(args, root));
    if (parsed.Errors.Count > 0 && parsed.Action is not HelpPage)
        return ErrorReport.WriteUsage(parsed);
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception e)
{
    // Not from what was parsed: the error may be in that.
    return ErrorReport.Write(e, "producer", debug: string.Join(' ', args).Replace('=', ' ').Contains("--log-level debug", StringComparison.Ordinal));
}
