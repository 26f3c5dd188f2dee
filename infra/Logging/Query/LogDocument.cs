using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Broker.Logging.Query;

/// <summary>One log line: its original JSON, and the fields used by queries and by the console.</summary>
public sealed class LogDocument
{
    private const int MaxFieldLength = 64;

    private LogDocument(ReadOnlyMemory<byte> json) => Json = json;

    /// <summary>The whole document, UTF-8.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>When it was logged, to 100 ns.</summary>
    public DateTimeOffset Time { get; private set; }

    /// <summary>The unique id of the process; empty if the document has none.</summary>
    public string ProcessEntity { get; private set; } = "";

    /// <summary>The line's number in its process; -1 if the document has none.</summary>
    public long Sequence { get; private set; } = -1;

    public long? ProcessId { get; private set; }

    public string? Host { get; private set; }

    public string? Level { get; private set; }

    public string? Message { get; private set; }

    public string? ErrorMessage { get; private set; }

    public string? JobId { get; private set; }

    public string? BatchId { get; private set; }

    public string? Kind { get; private set; }

    public string? Attempt { get; private set; }

    /// <summary>Reads a document whose names are dotted (<c>"process.pid"</c>) or nested. Null if it is truncated or has no time.</summary>
    /// <param name="json">Kept by reference: it must not change.</param>
    public static LogDocument? TryParse(ReadOnlyMemory<byte> json)
    {
        var document = new LogDocument(json);
        var reader = new Utf8JsonReader(json.Span);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            document.ReadObject(ref reader, stackalloc byte[MaxFieldLength], 0);
            return !reader.Read() && document.Time != default ? document : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A line's time, if it is at the position where our own lines have it; otherwise null.</summary>
    internal static DateTimeOffset? PeekTime(ReadOnlySpan<byte> line)
    {
        var start = "{\"@timestamp\":\""u8;
        if (!line.StartsWith(start))
            return null;
        var rest = line[start.Length..];
        return rest.IndexOf((byte)'"') is > 0 and var end ? ParseTime(rest[..end]) : null;
    }

    private void ReadObject(ref Utf8JsonReader reader, scoped Span<byte> path, int length)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var end = length + reader.ValueSpan.Length;
            // None of our fields has such a long name.
            var known = end < path.Length;
            if (known)
                reader.ValueSpan.CopyTo(path[length..]);
            reader.Read();
            if (known && reader.TokenType == JsonTokenType.StartObject)
            {
                path[end] = (byte)'.';
                ReadObject(ref reader, path, end + 1);
            }
            else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                reader.Skip();
            }
            else if (known)
            {
                Take(path[..end], ref reader);
            }
        }
    }

    private void Take(scoped ReadOnlySpan<byte> field, ref Utf8JsonReader value)
    {
        if (field.SequenceEqual("@timestamp"u8))
            Time = ReadTime(ref value) ?? default;
        else if (field.SequenceEqual("process.entity_id"u8))
            ProcessEntity = ReadText(ref value) ?? "";
        else if (field.SequenceEqual("event.sequence"u8))
            Sequence = ReadNumber(ref value) ?? -1;
        else if (field.SequenceEqual("process.pid"u8))
            ProcessId = ReadNumber(ref value);
        else if (field.SequenceEqual("host.hostname"u8))
            Host = ReadText(ref value);
        else if (field.SequenceEqual("log.level"u8))
            Level = ReadText(ref value);
        else if (field.SequenceEqual("message"u8))
            Message = ReadText(ref value);
        else if (field.SequenceEqual("error.message"u8))
            ErrorMessage = ReadText(ref value);
        else if (field.SequenceEqual("labels.job_id"u8))
            JobId = ReadText(ref value);
        else if (field.SequenceEqual("labels.batch_id"u8))
            BatchId = ReadText(ref value);
        else if (field.SequenceEqual("labels.kind"u8))
            Kind = ReadText(ref value);
        else if (field.SequenceEqual("labels.attempt"u8))
            Attempt = ReadText(ref value);
    }

    private static string? ReadText(ref Utf8JsonReader value)
    {
        if (value.TokenType == JsonTokenType.Null)
            return null;
        if (value.TokenType != JsonTokenType.String)
            return Encoding.UTF8.GetString(value.ValueSpan);
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate: shown as it is written.
            return Encoding.UTF8.GetString(value.ValueSpan);
        }
    }

    private static long? ReadNumber(ref Utf8JsonReader value)
    {
        if (value.TokenType == JsonTokenType.Number)
            return value.TryGetInt64(out var number) ? number : null;
        return long.TryParse(ReadText(ref value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
    }

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader value) => value.TokenType == JsonTokenType.String ? ParseTime(value.ValueSpan) : null;

    // A time without an offset is UTC, as in Elasticsearch.
    private static DateTimeOffset? ParseTime(ReadOnlySpan<byte> text)
    {
        if (Utf8Parser.TryParse(text, out DateTimeOffset exact, out var used, 'O') && used == text.Length && text[^1] == 'Z')
            return exact;
        return DateTimeOffset.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }
}
