using System.Text.Json;
using Broker.Logging.Events;

namespace Broker.Logging.Elasticsearch;

/// <summary>Keeps the events that the server rejected for good, one per line with the reason, beside the spool. Bounded: the older half is deleted first.</summary>
internal sealed class DeadLetterFile(string spoolBase, string owner)
{
    private const long MaxBytes = 16 * 1024 * 1024;

    /// <summary>Of all processes, the newest; without a limit a mapping error would leave a file per process.</summary>
    private const int KeptFiles = 20;

    public string Path { get; } = $"{spoolBase}-rejected-{owner}.ndjson";

    /// <param name="status">The HTTP status of the item.</param>
    /// <param name="reason">The server's error message.</param>
    /// <param name="bulkLines">The action and the document, as they were sent.</param>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public void Write(int status, string reason, ReadOnlyMemory<byte> bulkLines)
    {
        if (!File.Exists(Path))
            MakeRoom();
        if (File.Exists(Path) && new FileInfo(Path).Length + bulkLines.Length > MaxBytes / 2)
            File.Move(Path, Path + ".old", overwrite: true);
        var lines = bulkLines.Span.TrimEnd((byte)'\n');
        var action = lines[..lines.IndexOf((byte)'\n')];
        using var file = new FileStream(Path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        using (var json = new Utf8JsonWriter(file, EcsDocument.Writing))
        {
            json.WriteStartObject();
            json.WriteString("rejectedAt", DateTimeOffset.UtcNow);
            json.WriteNumber("status", status);
            json.WriteString("reason", reason);
            json.WritePropertyName("action");
            json.WriteRawValue(action, skipInputValidation: true);
            json.WritePropertyName("event");
            json.WriteRawValue(lines[(action.Length + 1)..], skipInputValidation: true);
            json.WriteEndObject();
        }

        file.Write("\n"u8);
    }

    private void MakeRoom()
    {
        var folder = Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        foreach (var old in folder.GetFiles(System.IO.Path.GetFileName($"{spoolBase}-rejected-*")).OrderByDescending(file => file.LastWriteTimeUtc).Skip(KeptFiles - 1))
            old.Delete();
    }
}
