using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serilog.Events;

namespace Broker.Logging.Events;

/// <summary>An event as a JSON document with the field names of the Elastic Common Schema.</summary>
internal static class EcsDocument
{
    private const string EcsVersion = "8.11.0";

    /// <summary>Upper bound of the label name cache; a program may generate property names without end.</summary>
    private const int RememberedNames = 1000;

    private const int MaxNameLength = 128;

    /// <summary>Does not escape non-ASCII letters. A lone surrogate becomes U+FFFD, so that the output is always valid.</summary>
    public static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Properties that have an ECS field of their own. All others become labels, as text.</summary>
    private static readonly Dictionary<string, (string Field, FieldType Type)> Fields = new()
    {
        ["SourceContext"] = ("log.logger", FieldType.Text),
        [EventStamp.Thread] = ("process.thread.id", FieldType.Number),
        [EventStamp.Sequence] = ("event.sequence", FieldType.Number),
        ["ExitCode"] = ("process.exit_code", FieldType.Number),
        ["Milliseconds"] = ("event.duration", FieldType.Duration),
        ["FailureType"] = ("error.type", FieldType.Text),
        ["FailureMessage"] = ("error.message", FieldType.Text),
        ["FailureStack"] = ("error.stack_trace", FieldType.Stack),
    };

    private static readonly ConcurrentDictionary<string, JsonEncodedText> Labels = new();

    /// <summary>The labels of the event that this thread writes: two properties may map to one name, and the server rejects a document with a duplicate name.</summary>
    [ThreadStatic]
    private static List<JsonEncodedText>? _written;

    private enum FieldType
    {
        Text,
        Number,

        /// <summary>The property is in milliseconds, the ECS field in nanoseconds.</summary>
        Duration,
        Stack,
    }

    public static void Write(LogEvent logEvent, ProcessFields process, Utf8JsonWriter json, TextLimits limits)
    {
        json.WriteStartObject();
        Span<byte> time = stackalloc byte[40];
        logEvent.Timestamp.UtcDateTime.TryFormat(time, out var length, "O", CultureInfo.InvariantCulture);
        json.WriteString("@timestamp", time[..length]);
        json.WriteString("log.level", LevelNames.Of(logEvent.Level));
        json.WriteString("message", TextLimits.Cut(MessageText.Of(logEvent), limits.Message));
        json.WriteString("ecs.version", EcsVersion);
        process.Write(json);
        if (logEvent.TraceId is { } trace)
            json.WriteString("trace.id", trace.ToHexString());
        if (logEvent.SpanId is { } span)
            json.WriteString("span.id", span.ToHexString());
        var written = _written ??= [];
        written.Clear();
        foreach (var (name, value) in logEvent.Properties)
        {
            if (name == "EventId")
                WriteAction(json, value);
            else if (Fields.TryGetValue(name, out var field))
                WriteField(json, field.Field, field.Type, value, logEvent.Exception, limits);
            else if (written.Count < limits.Labels && TextOf(value) is { } text)
                WriteLabel(json, LabelName(name), TextLimits.Cut(text, limits.Label), written);
        }

        if (logEvent.Exception is { } error)
        {
            json.WriteString("error.type", error.GetType().FullName);
            json.WriteString("error.message", TextLimits.Cut(error.Message, limits.Message));
            json.WriteString("error.stack_trace", TextLimits.Cut(error.ToString(), limits.Stack));
        }

        json.WriteEndObject();
        json.Flush();
    }

    private static void WriteAction(Utf8JsonWriter json, LogEventPropertyValue value)
    {
        if (value is StructureValue structure && structure.Properties.FirstOrDefault(part => part.Name == "Name")?.Value is ScalarValue { Value: string action })
            json.WriteString("event.action", action);
    }

    private static void WriteLabel(Utf8JsonWriter json, JsonEncodedText name, string text, List<JsonEncodedText> written)
    {
        if (written.Contains(name))
            return;
        written.Add(name);
        json.WriteString(name, text);
    }

    private static void WriteField(Utf8JsonWriter json, string field, FieldType type, LogEventPropertyValue value, Exception? exception, TextLimits limits)
    {
        if (exception is not null && field.StartsWith("error.", StringComparison.Ordinal))
            return;
        var content = (value as ScalarValue)?.Value;
        if (type == FieldType.Number)
        {
            // Text here would be a mapping conflict, and the server would reject the whole event.
            if (content is int or long)
                json.WriteNumber(field, Convert.ToInt64(content, CultureInfo.InvariantCulture));
        }
        else if (type == FieldType.Duration)
        {
            if (content is double milliseconds && double.IsFinite(milliseconds))
                json.WriteNumber(field, (long)(milliseconds * 1e6));
        }
        else if (TextOf(value) is { } text)
        {
            json.WriteString(field, TextLimits.Cut(text, type == FieldType.Stack ? limits.Stack : limits.Message));
        }
    }

    private static string? TextOf(LogEventPropertyValue value) => value is ScalarValue scalar
        ? scalar.Value as string ?? Convert.ToString(scalar.Value, CultureInfo.InvariantCulture)
        : value.ToString(null, CultureInfo.InvariantCulture);

    private static JsonEncodedText LabelName(string name)
    {
        if (Labels.TryGetValue(name, out var known))
            return known;
        // A dot would make an object of it, which conflicts with a label named as the part before the dot; a lone surrogate is not valid text.
        var clean = string.Concat(name.Take(MaxNameLength).Select(letter => letter == '.' || char.IsSurrogate(letter) ? '_' : letter));
        var snake = JsonNamingPolicy.SnakeCaseLower.ConvertName(clean);
        var label = JsonEncodedText.Encode("labels." + snake, JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
        if (Labels.Count < RememberedNames)
            Labels[name] = label;
        return label;
    }
}
