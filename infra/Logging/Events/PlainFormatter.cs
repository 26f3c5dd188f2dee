using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;

namespace Broker.Logging.Events;

/// <summary>Formats an event for the console: <c>12:00:00.123 INF pid=4711 job=... kind=double attempt=1 done in 12 ms</c>.</summary>
internal sealed class PlainFormatter(int processId, bool colour) : ITextFormatter
{
    private static readonly (string Property, string Label)[] Shown = [("JobId", "job"), ("Kind", "kind"), ("Attempt", "attempt")];

    public void Format(LogEvent logEvent, TextWriter output)
    {
        var line = new StringWriter(CultureInfo.InvariantCulture);
        line.Write(logEvent.Timestamp.ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture));
        line.Write(Level(logEvent.Level));
        line.Write($" pid={processId} ");
        foreach (var (property, label) in Shown)
        {
            if (logEvent.Properties.TryGetValue(property, out var value) && value is ScalarValue scalar)
                line.Write($"{label}={scalar.Value} ");
        }

        line.Write(MessageText.Of(logEvent));
        if (logEvent.Exception is { } error)
        {
            line.Write(": ");
            line.Write(logEvent.Level <= LogEventLevel.Debug ? error.ToString() : error.Message);
        }

        output.WriteLine(line);
    }

    private string Level(LogEventLevel level)
    {
        var (letters, code) = LevelNames.Shown(LevelNames.Of(level));
        return colour ? $"\e[{code}m{letters}\e[0m" : letters;
    }
}
