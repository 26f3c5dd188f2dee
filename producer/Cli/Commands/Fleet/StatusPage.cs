using System.Globalization;
using Broker.Fleet;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>A snapshot as text: a summary, what is stuck, a table of kinds, a table of consumers.</summary>
/// <param name="width">Of the terminal: at 80 columns what an operator needs first, at 120 more; without a limit all.</param>
/// <param name="paint">Makes a problem stand out.</param>
internal sealed class StatusPage(int width, Func<string, string> paint)
{
    /// <summary>The tables below are to stay in sight.</summary>
    private const int MostProblems = 6;

    /// <summary>The lines of the page, none wider than the terminal.</summary>
    /// <param name="snapshot">What is shown.</param>
    /// <param name="trouble">Why it is not from just now; null where it is.</param>
    public IEnumerable<string> Lines(FleetSnapshot snapshot, string? trouble = null)
    {
        yield return Cut(Summary(snapshot));
        if (trouble is not null)
            yield return paint(Cut($"! {trouble}"));
        var problems = FleetProblems.In(snapshot).ToList();
        foreach (var problem in problems.Take(problems.Count > MostProblems ? MostProblems - 1 : MostProblems))
            yield return paint(Line(problem));
        if (problems.Count > MostProblems)
            yield return paint(Cut($"! and {problems.Count - MostProblems + 1} more (producer status --output json)"));
        yield return "";
        foreach (var line in Kinds(snapshot).Lines(width))
            yield return line;
        yield return "";
        if (snapshot.Processes.Count == 0)
            yield return snapshot.Unasked ? "consumers were not asked" : "no consumer answers";
        else
            foreach (var line in Processes(snapshot).Lines(width))
                yield return line;
    }

    private static string Summary(FleetSnapshot fleet)
    {
        var (processes, running) = (fleet.Processes.Count, fleet.Kinds.Sum(kind => kind.Running));
        var delayed = fleet.Delayed > 0 ? $", {fleet.Delayed} delayed" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{fleet.At.ToLocalTime():HH:mm:ss}  {processes} {(processes == 1 ? "consumer" : "consumers")}, {running} running, {fleet.Kinds.Sum(kind => kind.Waiting ?? 0)} ready{delayed}, {fleet.Kinds.Sum(kind => kind.Dead ?? 0)} dead");
    }

    private static TextTable Kinds(FleetSnapshot fleet)
    {
        var table = new TextTable(
            new TextColumn("KIND"),
            new("READY", Number: true),
            new("UNACKED", Number: true, Shown: fleet.Kinds.Any(kind => kind.Unacknowledged is not null)),
            new("RUN", Number: true),
            new("SLOTS", Number: true),
            new("IN/S", Number: true, Shown: fleet.Kinds.Any(kind => kind.ArrivedPerSecond is not null)),
            new("RATE/S", Number: true),
            new("LEFT", Number: true),
            new("OLDEST", Number: true),
            new("DEAD", Number: true),
            new("FAILED", Number: true, Rank: 1),
            new("PROC", Number: true, Rank: 2),
            new("DONE", Number: true, Rank: 3));
        foreach (var kind in fleet.Kinds)
        {
            table.Add(
                kind.Kind,
                ShortText.Of(kind.Waiting),
                ShortText.Of(kind.Unacknowledged),
                ShortText.Of(kind.Running),
                ShortText.Of(kind.Slots),
                ShortText.Rate(kind.ArrivedPerSecond),
                ShortText.Rate(kind.PerSecond),
                ShortText.Duration(kind.Remaining),
                ShortText.Duration(kind.Oldest),
                ShortText.Of(kind.Dead),
                ShortText.Of(kind.Failed),
                ShortText.Of(kind.Served.Count),
                ShortText.Of(kind.Done));
        }

        return table;
    }

    private static TextTable Processes(FleetSnapshot fleet)
    {
        var table = new TextTable(
            new TextColumn("HOST"),
            new("PID", Number: true),
            new("NAME", Rank: 4),
            new("RUN", Number: true),
            new("SLOTS", Number: true, Rank: 1),
            new("RATE/S", Number: true),
            new("FAILED", Number: true, Rank: 1),
            new("UP", Number: true, Rank: 2),
            new("OLDEST", Number: true),
            new("KIND"),
            new("JOB", Rank: 3),
            new("INDEX", Rank: 5),
            new("DONE", Number: true, Rank: 6),
            new("VERSION", Rank: 7));
        foreach (var process in fleet.Processes)
        {
            var oldest = process.Jobs.Count > 0 ? process.Jobs[0] : null;
            table.Add(
                process.Identity.Host,
                ShortText.Of(process.Identity.ProcessId),
                process.Identity.Name,
                ShortText.Of(process.Running),
                ShortText.Of(process.Slots),
                ShortText.Rate(process.PerSecond),
                ShortText.Of(process.Failed),
                ShortText.Duration(process.Up),
                ShortText.Duration(oldest?.Age),
                oldest?.Kind ?? "-",
                oldest is null ? "-" : $"{oldest.Held.JobId}",
                oldest is null ? "-" : StatusDocument.Indices(oldest.Held),
                ShortText.Of(process.Done),
                process.Version);
        }

        return table;
    }

    private string Line(FleetProblem problem) => $"! {problem} ({problem.Fix})" is var whole && whole.Length <= width ? Cut(whole) : Cut($"! {problem}");

    private string Cut(string line) => SafeText.Of(line) is var safe && safe.Length <= width ? safe : $"{safe[..(width - 1)]}…";
}
