using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Contracts.Messages;

namespace Broker.Primitives.Log;

/// <summary>A message of the log.</summary>
internal sealed record LogRecord
{
    /// <summary>Begins a session of its client: what the client appended under an earlier one and stands later is void.</summary>
    public const string Session = "session";

    /// <summary>Nothing is done; who reads it back has read all before it.</summary>
    public const string Marker = "marker";

    /// <summary>Later writers under a smaller fence are refused.</summary>
    public const string Begin = "begin";

    /// <summary>Forgets a name.</summary>
    public const string Remove = "remove";

    /// <summary>A part of a snapshot, see <see cref="SnapshotPart"/>.</summary>
    public const string Snapshot = "snapshot";

    [JsonPropertyName("c")]
    public required Guid Client { get; init; }

    /// <summary>Which of the client's sessions, from 1 on: a new one with each channel.</summary>
    [JsonPropertyName("s")]
    public required int SessionNumber { get; init; }

    /// <summary>The client's own number of the operation; 0 where no one waits for it.</summary>
    [JsonPropertyName("n")]
    public long Number { get; init; }

    /// <summary>From where the appender would read who joins now: the record after the state of the newest snapshot it knew; null where it had not read the log yet.</summary>
    [JsonPropertyName("b")]
    public long? Base { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    /// <summary>The primitive, as <see cref="PrimitiveKey"/> writes it; empty for what concerns the whole log.</summary>
    [JsonPropertyName("k")]
    public string Key { get; init; } = "";

    /// <summary>One of the kernel's own types above, or the name of an operation.</summary>
    [JsonPropertyName("t")]
    public required string Type { get; init; }

    [JsonPropertyName("o")]
    public RawJson Body { get; init; }

    [JsonPropertyName("f")]
    public long? Fence { get; init; }

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, LogJson.Default.LogRecord);

    /// <summary>The record in a message; null where it is none.</summary>
    public static LogRecord? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, LogJson.Default.LogRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether it is the same record, which another offset or a log that was written anew would show.</summary>
    public bool Is(LogRecord other) => Client == other.Client && SessionNumber == other.SessionNumber && Number == other.Number && Type == other.Type && At == other.At;
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(LogRecord))]
[JsonSerializable(typeof(SnapshotPart))]
[JsonSerializable(typeof(SnapshotContent))]
internal sealed partial class LogJson : JsonSerializerContext;
