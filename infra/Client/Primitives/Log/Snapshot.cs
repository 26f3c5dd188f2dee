using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Contracts.Messages;

namespace Broker.Primitives.Log;

/// <summary>The state of a whole stream up to an offset.</summary>
internal sealed record SnapshotContent
{
    public required long Offset { get; init; }

    public required IReadOnlyList<SnapshotName> Names { get; init; }

    public required IReadOnlyList<SnapshotSession> Sessions { get; init; }

    /// <summary>The bodies of the records that carry it, each below what every version of RabbitMQ takes.</summary>
    public IEnumerable<SnapshotPart> Split()
    {
        using var packed = new MemoryStream();
        using (var writer = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            JsonSerializer.Serialize(writer, this, LogJson.Default.SnapshotContent);
        var bytes = packed.ToArray();
        var parts = Math.Max(1, (bytes.Length + SnapshotPart.MaxBytes - 1) / SnapshotPart.MaxBytes);
        var id = Guid.NewGuid();
        for (var part = 0; part < parts; part++)
        {
            var begin = part * SnapshotPart.MaxBytes;
            yield return new SnapshotPart(id, Offset, part, parts, bytes.AsSpan(begin..Math.Min(bytes.Length, begin + SnapshotPart.MaxBytes)).ToArray());
        }
    }
}

/// <param name="Key">As <see cref="PrimitiveKey"/> writes it.</param>
/// <param name="At">When it was used last.</param>
/// <param name="Fence">The largest under which it was written.</param>
/// <param name="Type">The state's name; empty where there is none.</param>
/// <param name="State">The state.</param>
internal sealed record SnapshotName(string Key, DateTimeOffset At, long? Fence, string Type, RawJson State);

/// <param name="Client">Whose.</param>
/// <param name="Number">Its newest.</param>
/// <param name="At">When that began.</param>
internal sealed record SnapshotSession(Guid Client, int Number, DateTimeOffset At);

/// <param name="Id">Which snapshot.</param>
/// <param name="Offset">Up to where it is.</param>
/// <param name="Part">Which part, from 0 on.</param>
/// <param name="Parts">How many there are.</param>
/// <param name="Bytes">Compressed.</param>
internal sealed record SnapshotPart(Guid Id, long Offset, int Part, int Parts, byte[] Bytes)
{
    public const int MaxBytes = 1024 * 1024;
}

/// <summary>Puts the parts of snapshots together as they come; other records may stand between them.</summary>
internal sealed class SnapshotParts
{
    private readonly Dictionary<Guid, List<SnapshotPart>> _begun = [];

    /// <summary>Takes a part.</summary>
    /// <returns>The snapshot, where it was the last of all its parts.</returns>
    public List<SnapshotPart>? Add(LogRecord record)
    {
        if (JsonSerializer.Deserialize(record.Body.Utf8.Span, LogJson.Default.SnapshotPart) is not { } part)
            return null;
        if (!_begun.TryGetValue(part.Id, out var parts))
            _begun[part.Id] = parts = [];
        // One whose first parts were not read, or whose writer has died in the middle, is never complete; the next complete one ends the wait for it.
        if (part.Part != parts.Count)
            return null;
        parts.Add(part);
        if (parts.Count < part.Parts)
            return null;
        _begun.Clear();
        return parts;
    }

    public static SnapshotContent Join(IReadOnlyList<SnapshotPart> parts)
    {
        using var packed = new MemoryStream([.. parts.SelectMany(static part => part.Bytes)]);
        using var reader = new BrotliStream(packed, CompressionMode.Decompress);
        return JsonSerializer.Deserialize(reader, LogJson.Default.SnapshotContent) ?? throw new JsonException("a snapshot is null");
    }
}
