using System.CommandLine;
using System.Globalization;
using Broker.CommandLine;
using Broker.Primitives;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Primitives;

/// <summary>Runs a program while a lock or a permit is held: <c>flock</c> and <c>sem</c> for a fleet.</summary>
internal sealed class HoldCommand
{
    private const string Conventions = """

        The program has BROKER_FENCE in its environment, a number larger than that of
        every earlier holder: what it writes to may refuse a smaller one than it has
        seen. Signals go to the program and all that it started; if producer is killed,
        they are terminated. A holder that dies frees it at once, one whose machine or
        network is silent after some ten seconds. Not promised: that never two run. A
        machine that was paused or cut off goes on until it notices (--on-lost).
        Exit: the program's own (128+N after signal N); 1 with -n, 124 with -w when it
        was not free, or what -E says; 75 when the hold was lost; 126, 127 if the
        program cannot be run.
        """;

    private readonly Argument<string> _name = new("NAME") { Description = "The same for all who exclude one another" };

    private readonly Argument<string[]> _program = new("COMMAND") { Description = "The program and its arguments, after --", HelpName = "-- COMMAND", Arity = ArgumentArity.ZeroOrMore };

    private readonly WaitOptions _wait = new("it is not free");

    private readonly Option<int?> _permits = OptionTypes.WholeNumber("--permits", [], "How many may hold it at once; all who use the name say the same");

    private readonly Option<int?> _conflict = OptionTypes.WholeNumber("--conflict-exit-code", ["-E"], "The exit code when it is not free", least: 0);

    private readonly Option<string?> _onLost = OptionTypes.Word("--on-lost", [], "WHAT", "When the hold is lost: kill the program, or warn [default: kill]", "kill", "warn");

    private readonly Option<bool> _show = new("--show") { Description = "Who holds it and how many wait, and run nothing" };

    private readonly Option<bool> _break = new("--break") { Description = "Free it whoever holds it, and run nothing" };

    private readonly ConnectionOptions _connection = new();

    public static Command CreateLock() => new HoldCommand().Create(
        "lock",
        "Run a program on one machine at a time",
        """
        producer lock nightly -n -- ./backup.sh     one runs it, others exit 1
        producer lock deploy -w 5m -- ./deploy.sh   wait five minutes at most
        producer lock db --permits 3 -- ./load.sh   three at a time
        producer lock --show deploy                 who has it, and since when
        """);

    public static Command CreateSemaphore() => new HoldCommand().Create(
        "semaphore",
        "Run a program on so many machines at a time",
        """
        producer semaphore db --permits 3 -- ./load.sh       three at a time
        producer semaphore db --permits 3 -n -- ./load.sh    exit 1 if three run
        producer semaphore --show db --permits 3             who has the permits
        """,
        needsPermits: true);

    private Command Create(string name, string description, string examples, bool needsPermits = false)
    {
        var command = new Command(name, description) { _name, _program };
        command.Hidden = true;
        foreach (var option in (IEnumerable<Option>)[.. _wait.All, _permits, _conflict, _onLost, _show, _break])
            command.Options.Add(option);
        _wait.Check(command);
        _permits.Required = needsPermits;
        _connection.AddTo(command);
        command.Validators.Add(result =>
        {
            var runs = result.GetValue(_program) is { Length: > 0 };
            if (runs == (result.GetValue(_show) || result.GetValue(_break)))
                result.AddError(runs ? "--show and --break run nothing: leave out the command" : $"no command to run: producer {name} NAME -- COMMAND (or --show, --break)");
        });
        HelpPage.Attach(command, examples, Conventions);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using var session = _connection.Open(parsed);
        await using var primitives = await session.ConnectPrimitivesAsync();
        var name = parsed.GetValue(_name)!;
        var permits = new Permits(primitives, name, parsed.GetValue(_permits));
        if (parsed.GetValue(_show))
            return Show(await permits.GetStatusAsync(session.Interrupted));
        if (parsed.GetValue(_break))
            return Say(await permits.BreakAsync(session.Interrupted), name);
        var hold = await permits.TakeAsync(_wait.Timeout(parsed), session.Interrupted);
        if (hold is null)
            return parsed.GetValue(_conflict) ?? _wait.ExitCode(parsed);
        await using (hold)
            return await HeldProgram.RunAsync(hold, name, parsed.GetValue(_program)!, kill: parsed.GetValue(_onLost) != "warn", session);
    }

    private static int Say(bool broken, string name)
    {
        Screen.Say(broken ? $"{name} is free; its holder is told" : $"{name} is not in use");
        return broken ? ExitCodes.Success : ExitCodes.Failed;
    }

    private static int Show(BrokerPermitStatus status)
    {
        var table = new TextTable("HOST", "PID", "SINCE", "FENCE");
        foreach (var holder in status.Holders)
            table.Add(holder.Host, $"{holder.ProcessId}", holder.Since.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), $"{holder.Fence}");
        if (status.Holders.Count > 0)
            table.Write(Console.Out);
        Console.Out.WriteLine($"{status.Free} free, {status.Waiting} waiting");
        return ExitCodes.Success;
    }
}
