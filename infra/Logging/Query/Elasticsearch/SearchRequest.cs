using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Broker.Logging.Query.Elasticsearch;

/// <summary>
/// Writes a query for Elasticsearch. It returns a superset of the matches: Elasticsearch rounds times to milliseconds and
/// has another regular expression syntax.
/// </summary>
internal static class SearchRequest
{
    /// <summary>Limited by the size of one response; large enough that the round trip does not matter.</summary>
    public const int PageSize = 1000;

    /// <param name="query">The query.</param>
    /// <param name="newestFirst">The direction. The order is that of <see cref="LogOrder"/>, except within a millisecond.</param>
    /// <param name="after">The sort values of the previous page's last hit, unchanged; null for the first page.</param>
    public static ReadOnlyMemory<byte> Write(LogQuery query, bool newestFirst, string? after)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteNumber("size", PageSize);
        json.WriteBoolean("track_total_hits", false);
        WriteFilters(json, query);
        WriteOrder(json, newestFirst ? "desc" : "asc");
        if (after is not null)
        {
            json.WritePropertyName("search_after");
            json.WriteRawValue(after);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteFilters(Utf8JsonWriter json, LogQuery query)
    {
        json.WriteStartObject("query");
        json.WriteStartObject("bool");
        json.WriteStartArray("filter");
        WriteTerm(json, "process.pid", query.ProcessId?.ToString(CultureInfo.InvariantCulture));
        WriteTerm(json, "host.hostname", query.Host);
        WriteTerm(json, "labels.job_id", query.JobId);
        WriteTerm(json, "labels.batch_id", query.BatchId);
        WriteTerm(json, "labels.kind", query.Kind);
        if (query.WantedLevels is { } levels)
        {
            json.WriteStartObject();
            json.WriteStartObject("terms");
            json.WriteStartArray("log.level");
            foreach (var level in levels)
                json.WriteStringValue(level);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        if (query.Since is not null || query.Until is not null)
            WriteRange(json, query);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTerm(Utf8JsonWriter json, string field, string? value)
    {
        if (value is null)
            return;
        json.WriteStartObject();
        json.WriteStartObject("term");
        json.WriteString(field, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // Both ends inclusive: the query itself filters what is too much.
    private static void WriteRange(Utf8JsonWriter json, LogQuery query)
    {
        json.WriteStartObject();
        json.WriteStartObject("range");
        json.WriteStartObject("@timestamp");
        if (query.Since is { } since)
            json.WriteNumber("gte", since.ToUnixTimeMilliseconds());
        if (query.Until is { } until)
            json.WriteNumber("lte", until.ToUnixTimeMilliseconds());
        json.WriteString("format", "epoch_millis");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>By time, with enough tie-breakers that no two documents are equal: one equal to the last of a page would be missing from the next.</summary>
    private static void WriteOrder(Utf8JsonWriter json, string direction)
    {
        json.WriteStartArray("sort");
        foreach (var (field, type) in new[] { ("@timestamp", "date"), ("event.sequence", "long"), ("process.entity_id", "keyword"), ("_seq_no", (string?)null) })
        {
            json.WriteStartObject();
            json.WriteStartObject(field);
            json.WriteString("order", direction);
            if (type is not null)
                json.WriteString("unmapped_type", type);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
