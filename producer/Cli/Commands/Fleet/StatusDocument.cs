using System.Text.Json;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Fleet;

namespace Broker.Producer.Cli.Commands.Fleet;

/// <summary>A snapshot as one line of JSON. Its names are what scripts read: they do not follow a rename in the code.</summary>
internal static class StatusDocument
{
    public static string Of(FleetSnapshot fleet) => JsonSerializer.Serialize(
        new
        {
            fleet.At,
            fleet.Delayed,
            Problems = FleetProblems.In(fleet).Select(problem => $"{problem}"),
            Kinds = fleet.Kinds.Select(Kind),
            Processes = fleet.Processes.Select(Process),
        },
        PayloadJson.Options);

    /// <summary>The indices of a job's items: <c>5-9,12</c>.</summary>
    public static string Indices(HeldJob job) => string.Join(',', job.Indices.Runs(job.Count).Select(run => run.Count == 1 ? $"{run.First}" : $"{run.First}-{run.First + run.Count - 1}"));

    private static object Kind(KindSnapshot kind) => new
    {
        kind.Kind,
        Ready = kind.Waiting,
        Unacknowledged = kind.Unacknowledged ?? kind.Running,
        Concurrency = kind.Slots,
        Processes = kind.Served.Count,
        OldestSeconds = Seconds(kind.Oldest),
        kind.Done,
        kind.Failed,
        kind.ArrivedPerSecond,
        kind.PerSecond,
        kind.FailedPerSecond,
        SecondsLeft = Seconds(kind.Remaining),
        kind.Dead,
    };

    private static object Process(ProcessSnapshot process) => new
    {
        process.Identity.Host,
        Pid = process.Identity.ProcessId,
        process.Identity.Name,
        process.Version,
        UpSeconds = Seconds(process.Up),
        Concurrency = process.Slots,
        Unacknowledged = process.Running,
        process.Done,
        process.Failed,
        process.PerSecond,
        Jobs = process.Jobs.Select(job => new
        {
            job.Kind,
            Job = job.Held.JobId,
            Batch = job.Held.BatchId,
            Indices = Indices(job.Held),
            job.Held.ReceivedAt,
            Seconds = Seconds(job.Age),
        }),
    };

    private static double? Seconds(TimeSpan? time) => time is { } some ? Math.Round(some.TotalSeconds, 1) : null;
}
