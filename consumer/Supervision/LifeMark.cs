using System.Text.Json;
using Broker.Logging.Events;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Consumer.Supervision;

/// <summary>
/// A file that is locked while its process lives and deleted when it ends in order. An unlocked one belongs to a process that did not: killed,
/// out of memory, or its machine went down. The next consumer with the same folder logs the crash, so that it is found without a supervisor too.
/// </summary>
internal sealed class LifeMark : IDisposable
{
    private readonly FileStream _file;

    private LifeMark(FileStream file) => _file = file;

    /// <param name="folder">Shared by the consumers of a machine, or of the containers on a volume.</param>
    /// <returns>Null if the folder cannot be written to: a crash is then not noticed.</returns>
    public static LifeMark? Leave(string folder, ProcessFields process, TimeProvider clock, ILogger log)
    {
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var file in Directory.EnumerateFiles(folder, "*.json"))
                ReportIfDead(file, log);
            var mark = new LifeMark(new FileStream(Path.Combine(folder, $"{process.EntityId}.json"), FileMode.Create, FileAccess.ReadWrite, FileShare.None));
            JsonSerializer.Serialize(mark._file, new Owner(process.Identity.ProcessId, process.Identity.Host, process.Identity.Name, process.EntityId, clock.GetUtcNow()));
            mark._file.Flush();
            return mark;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogDebug(e, "{Folder} takes no file: a crash of this process will not be logged", folder);
            return null;
        }
    }

    public void Dispose()
    {
        // Before the lock goes with the file: no other process may find it unlocked.
        File.Delete(_file.Name);
        _file.Dispose();
    }

    private static void ReportIfDead(string path, ILogger log)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            File.Delete(path);
            if (JsonSerializer.Deserialize<Owner>(file) is { } dead)
                log.LogError(EventActions.ProcessCrashed, "consumer process {CrashedPid} on {CrashedHost} ({CrashedName}, {CrashedEntity}), started {CrashedStart:O}, ended without a stop: killed, out of memory, or with its machine; the broker has requeued its jobs", dead.Pid, dead.Host, dead.Name, dead.EntityId, dead.Started);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Locked: its owner lives, or another consumer reports it. Empty: its owner died before it had written.
            log.LogTrace(e, "{File} is not reported", path);
        }
    }

    private sealed record Owner(int Pid, string Host, string Name, string EntityId, DateTimeOffset Started);
}
