using System.Globalization;
using System.Text;
using System.Text.Json;
using Broker.Logging.Query;

namespace Broker.Tests.Unit.Logging;

/// <summary>Log lines as processes write them.</summary>
internal static class LogLines
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static string Write(TimeSpan afterNoon, int pid = 1, long? sequence = null, string message = "hello", Dictionary<string, object?>? more = null)
    {
        var fields = new Dictionary<string, object?>
        {
            ["@timestamp"] = (Noon + afterNoon).UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            ["log.level"] = "info",
            ["message"] = message,
            ["process.pid"] = pid,
            ["process.entity_id"] = $"machine-{pid}-0",
            ["host.hostname"] = "machine",
        };
        if (sequence is not null)
            fields["event.sequence"] = sequence;
        foreach (var (name, value) in more ?? [])
            fields[name] = value;
        return JsonSerializer.Serialize(fields);
    }

    public static LogDocument Parse(string line) => LogDocument.TryParse(Encoding.UTF8.GetBytes(line)) ?? throw new InvalidOperationException($"no log line: {line}");

    public static LogDocument Parse(Dictionary<string, object?> more) => Parse(Write(TimeSpan.Zero, more: more));

    public static string Text(this LogDocument document) => Encoding.UTF8.GetString(document.Json.Span);
}
