using System.CommandLine;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Fleet;
using Broker.Logging.Events;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

internal static class LogLevelCommand
{
    private const string Forever = "forever";

    /// <summary>Of processes in one line.</summary>
    private const int MostNamed = 10;

    /// <summary>Long enough to catch what one is after, and a fleet that was forgotten at debug fills no disk.</summary>
    private static readonly TimeSpan ByDefault = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    public static Command Create()
    {
        var level = new Argument<string>("LEVEL") { Description = LevelNames.Choices, CustomParser = result => ParseLevel(result.Tokens[0].Value, result.AddError) };
        var pid = OptionTypes.WholeNumber("--pid", [], "Only processes of this id");
        var host = new Option<string?>("--host") { Description = "Only processes on this host", HelpName = "HOST" };
        var kind = new Option<string?>("--kind") { Description = "Only processes that serve this kind", HelpName = "KIND" };
        var time = new Option<Time>("--for")
        {
            Description = "How long, at most 30d; or forever [default: 10m]",
            HelpName = "TIME",
            DefaultValueFactory = _ => new Time(ByDefault),
            CustomParser = result => ParseTime(result.Tokens[0].Value, result.AddError),
        };
        var connection = new ConnectionOptions();
        var command = new Command("loglevel", "Change what running consumers log, for a while") { level, pid, host, kind, time };
        command.Aliases.Add("log-level");
        connection.AddTo(command);
        HelpPage.Attach(
            command,
            """
            producer loglevel debug --pid 4711          one process, for ten minutes
            producer loglevel debug --kind double --for 1h
            producer loglevel warning --for forever     until each process ends
            """,
            """

            Each process goes back by itself to the level it was started with; a later
            command replaces an earlier one. Processes started later are not affected.
            Exit: 0, or 1 when no consumer is meant or one does not answer.
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            await using var pool = await session.ConnectAsync();
            var change = await pool.Fleet.SetLogLevelAsync(
                new SetLogLevel
                {
                    RequestId = Guid.CreateVersion7(),
                    ReplyTo = "",
                    Level = parsed.GetValue(level)!,
                    Duration = parsed.GetValue(time)?.Limit,
                    ProcessId = parsed.GetValue(pid),
                    Host = parsed.GetValue(host),
                    Kind = parsed.GetValue(kind),
                },
                session.Interrupted);
            if (change.Applied.Count > 0)
                Show(change.Applied);
            if (change.Silent.Count > 0)
                Screen.Say($"no answer by {Names(change.Silent.Select(process => $"{process.ProcessId} on {process.Host}"))}: too busy, or of an older version");
            else if (change.Applied.Count == 0)
                Screen.Say(WhoIsThere(change.Fleet));
            return change.Applied.Count > 0 && change.Silent.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
        });
        return command;
    }

    private static void Show(IReadOnlyList<LogLevelSet> answers)
    {
        var table = new TextTable("HOST", "PID", "NAME", "LEVEL", "UNTIL");
        foreach (var answer in answers.OrderBy(answer => answer.Worker.Host, StringComparer.Ordinal).ThenBy(answer => answer.Worker.ProcessId))
            table.Add(answer.Worker.Host, $"{answer.Worker.ProcessId}", answer.Worker.Name, answer.Level, answer.Until is { } until ? $"{until.ToLocalTime():yyyy-MM-dd'T'HH:mm:ssK}" : Forever);
        table.Write(Console.Out);
    }

    private static string WhoIsThere(FleetSnapshot fleet) => fleet.Processes.Count == 0
        ? "no consumer answers; start one with: consumer, or ./broker up"
        : $"no consumer is meant by that; there are {Names(fleet.Processes.Select(process => $"{process.Identity.ProcessId} on {process.Identity.Host} ({string.Join(", ", process.Kinds)})"))}";

    private static string Names(IEnumerable<string> processes)
    {
        var names = processes.ToList();
        return string.Join("; ", names.Take(MostNamed)) + (names.Count > MostNamed ? $"; and {names.Count - MostNamed} more" : "");
    }

    private static string? ParseLevel(string text, Action<string> addError)
    {
        if (LevelNames.Find(text) is { } level)
            return level;
        addError($"log level '{text}' is not one of {LevelNames.Choices}");
        return null;
    }

    private static Time? ParseTime(string text, Action<string> addError)
    {
        if (text == Forever)
            return new Time(null);
        if (DurationText.TryParse(text, out var duration) && duration > TimeSpan.Zero && duration <= Longest)
            return new Time(duration);
        addError($"--for '{text}' is no such time: write 30s, 10m or 1h, at most 30d, or {Forever}");
        return null;
    }

    /// <param name="Limit">Null is without one.</param>
    private sealed record Time(TimeSpan? Limit);
}
