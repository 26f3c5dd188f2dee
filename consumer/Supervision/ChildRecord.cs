using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Hosting.Lifetime;
using Broker.Logging;
using Broker.Logging.Screen;

namespace Broker.Consumer.Supervision;

/// <summary>
/// A message from a child to its supervisor, one per line, as a JSON text sequence (RFC 7464): a record separator, JSON, a line feed. Output that a
/// handler's native code or its child processes write to the same pipe lacks the separator.
/// </summary>
internal sealed record ChildRecord
{
    private const char Separator = '\x1e';

    // Quotes and non-ASCII letters need no escaping: this is not HTML.
    private static readonly ChildRecordJson Json = new(new JsonSerializerOptions(ChildRecordJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Whether the child is ready; null in a console line.</summary>
    public bool? Ready { get; init; }

    /// <summary>Why the child stops of itself; <see cref="ConsumerEnd.None"/> in other records.</summary>
    public ConsumerEnd End { get; init; }

    /// <summary>A console line's time.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>A console line; null in a readiness record.</summary>
    public string? Text { get; init; }

    public static ChildRecord Of(ConsoleLine line) => new() { Time = line.Time, Text = line.Text };

    /// <summary>Serializes the record; a text of several lines becomes one line.</summary>
    public string Write() => $"{Separator}{JsonSerializer.Serialize(this, Json.ChildRecord)}\n";

    /// <summary>Reads one line of the pipe.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="record">The record in the line.</param>
    /// <param name="foreign">Output of others before the record or instead of it; may be empty.</param>
    public static bool TryRead(string line, [NotNullWhen(true)] out ChildRecord? record, out string foreign)
    {
        record = null;
        foreign = line;
        var start = line.LastIndexOf(Separator);
        if (start < 0)
            return false;
        try
        {
            record = JsonSerializer.Deserialize(line.AsSpan(start + 1), Json.ChildRecord);
        }
        catch (JsonException)
        {
            return false;
        }

        if (record is null)
            return false;
        foreign = line[..start];
        return true;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(ChildRecord))]
internal sealed partial class ChildRecordJson : JsonSerializerContext;
