using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Broker.Logging;

namespace Broker.Consumer.Supervision;

/// <summary>
/// What a child tells its supervisor, one record a line, as a JSON text sequence (RFC 7464): a record separator, JSON, a line feed. What a
/// handler's native code or its own child processes write to the same pipe is told apart by the missing separator.
/// </summary>
internal sealed record ChildRecord
{
    private const char Separator = '\x1e';

    // Quotes and letters beyond ASCII as they are: no page of HTML is made of it.
    private static readonly ChildRecordJson Json = new(new JsonSerializerOptions(ChildRecordJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Whether jobs reach the child; null where the record is about something else.</summary>
    public bool? Ready { get; init; }

    /// <summary>A console line's time.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>A console line; null where the record is about something else.</summary>
    public string? Text { get; init; }

    public static ChildRecord Of(ConsoleLine line) => new() { Time = line.Time, Text = line.Text };

    /// <summary>The record as it travels; a text of several lines is one line here.</summary>
    public string Write() => $"{Separator}{JsonSerializer.Serialize(this, Json.ChildRecord)}\n";

    /// <summary>Reads one line of the pipe.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="record">The record in it.</param>
    /// <param name="foreign">What is in it besides, by whomever; empty for nothing.</param>
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
