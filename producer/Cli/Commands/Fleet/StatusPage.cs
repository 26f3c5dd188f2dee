using System.Text.Json;
using Broker.Contracts;
using Broker.Fleet;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>How a snapshot is shown: two tables of at most 80 columns with usual names, or one JSON document.</summary>
/// <param name="full">Whether as JSON.</param>
internal sealed class StatusPage(bool full)
{
    private static int Width => Console.IsOutputRedirected ? int.MaxValue : 80;

    public void Write(FleetSnapshot snapshot, TextWriter output)
    {
        if (full)
        {
            output.WriteLine(JsonSerializer.Serialize(new { Kinds = snapshot.Kinds.Select(Document), Processes = snapshot.Processes.Select(Document) }, PayloadJson.Options));
            return;
        }

        WriteKinds(snapshot, output);
        output.WriteLine();
        if (snapshot.Processes.Count == 0)
            output.WriteLine("no consumer answers");
        else
            WriteProcesses(snapshot, output);
    }

    private static void WriteKinds(FleetSnapshot snapshot, TextWriter output)
    {
        var table = new TextTable("KIND", "WAIT", "RUN", "SLOTS", "PROC", "DONE", "FAILED", "RATE/S", "DEAD");
        foreach (var kind in snapshot.Kinds)
        {
            table.Add(
                kind.Kind,
                Number(kind.Waiting),
                $"{kind.Running}",
                $"{kind.Slots}",
                $"{kind.Served.Count}",
                $"{kind.Done}",
                $"{kind.Failed}",
                kind.PerSecond is { } rate ? $"{rate:0.#}" : "-",
                Number(kind.Dead));
        }

        table.Write(output, Width);
    }

    private static void WriteProcesses(FleetSnapshot snapshot, TextWriter output)
    {
        var table = new TextTable("HOST", "PID", "NAME", "RUN", "DONE", "FAILED", "UP", "VERSION");
        foreach (var process in snapshot.Processes)
        {
            var (host, pid, name) = (process.Identity.Host, process.Identity.ProcessId, process.Identity.Name);
            table.Add(host, $"{pid}", name, $"{process.Running}", $"{process.Done}", $"{process.Failed}", Duration(process.Up), process.Version);
        }

        table.Write(output, Width);
    }

    // The names in these documents are what scripts read: they do not follow a rename here.
    private static object Document(KindSnapshot kind) => new
    {
        kind.Kind,
        kind.Waiting,
        kind.Running,
        AtOnce = kind.Slots,
        Processes = kind.Served.Count,
        kind.Done,
        kind.Failed,
        kind.PerSecond,
        kind.Dead,
    };

    private static object Document(ProcessSnapshot process) => new
    {
        process.Identity.Host,
        Pid = process.Identity.ProcessId,
        process.Identity.Name,
        process.Running,
        process.Done,
        process.Failed,
        process.Up,
        process.Version,
    };

    private static string Number(long? value) => value is { } number ? $"{number}" : "-";

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalDays: >= 1 } => $"{time.TotalDays:0.0}d",
        { TotalHours: >= 1 } => $"{time.TotalHours:0.0}h",
        { TotalMinutes: >= 1 } => $"{time.TotalMinutes:0}m",
        _ => $"{time.TotalSeconds:0}s",
    };
}
