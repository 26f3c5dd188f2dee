using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serilog.Events;
using Serilog.Formatting;

namespace Broker.Logging;

/// <summary>Writes an event as one line of JSON with the field names of the Elastic Common Schema.</summary>
internal sealed class EcsFormatter(ProcessFields process) : ITextFormatter
{
    private const string EcsVersion = "8.11.0";

    /// <summary>Properties that have an ECS field of their own. All others become labels, as text.</summary>
    private static readonly Dictionary<string, string> Fields = new()
    {
        ["SourceContext"] = "log.logger",
        ["ThreadId"] = "process.thread.id",
        ["ExitCode"] = "process.exit_code",
        ["DurationNanoseconds"] = "event.duration",
    };

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
            Write(logEvent, json);
        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private void Write(LogEvent logEvent, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("@timestamp", logEvent.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("log.level", LevelName(logEvent.Level));
        json.WriteString("message", MessageText.Of(logEvent));
        json.WriteString("ecs.version", EcsVersion);
        process.Write(json);
        if (logEvent.TraceId is { } trace)
            json.WriteString("trace.id", trace.ToHexString());
        if (logEvent.SpanId is { } span)
            json.WriteString("span.id", span.ToHexString());
        foreach (var (name, value) in logEvent.Properties)
            WriteProperty(json, name, value);
        if (logEvent.Exception is { } error)
        {
            json.WriteString("error.type", error.GetType().FullName);
            json.WriteString("error.message", error.Message);
            json.WriteString("error.stack_trace", error.ToString());
        }

        json.WriteEndObject();
    }

    private static void WriteProperty(Utf8JsonWriter json, string name, LogEventPropertyValue value)
    {
        if (value is StructureValue structure && name == "EventId")
        {
            if (structure.Properties.FirstOrDefault(part => part.Name == "Name")?.Value is ScalarValue { Value: string action })
                json.WriteString("event.action", action);
            return;
        }

        var content = (value as ScalarValue)?.Value;
        if (!Fields.TryGetValue(name, out var field))
            json.WriteString("labels." + JsonNamingPolicy.SnakeCaseLower.ConvertName(name), content is string text ? text : Convert.ToString(content ?? value, CultureInfo.InvariantCulture));
        else if (content is int or long)
            json.WriteNumber(field, Convert.ToInt64(content, CultureInfo.InvariantCulture));
        else
            json.WriteString(field, Convert.ToString(content ?? value, CultureInfo.InvariantCulture));
    }

    private static string LevelName(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        _ => "fatal",
    };
}
