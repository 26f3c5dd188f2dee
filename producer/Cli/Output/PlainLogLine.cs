using System.Globalization;
using System.Text;
using Broker.Logging;
using Broker.Logging.Events;
using Broker.Logging.Query;

namespace Broker.Producer.Cli.Output;

/// <summary>
/// Formats a log line for the terminal: <c>12:00:00.123 INF host/4711 job=... kind=double done in 12 ms</c>; with the date if it is not
/// today. Always one line, without control characters that the terminal would interpret.
/// </summary>
internal sealed class PlainLogLine(bool colour, TimeProvider clock)
{
    private const int Grey = 90;

    /// <summary>The widest process column so far, to align the lines.</summary>
    private int _width;

    public string Write(LogDocument line)
    {
        var text = new StringBuilder(200);
        var time = TimeZoneInfo.ConvertTime(line.Time, clock.LocalTimeZone);
        var today = clock.GetLocalNow().Date == time.Date;
        var (level, code) = LevelNames.Shown(line.Level);
        var process = SafeText.Of($"{line.Host ?? "?"}/{line.ProcessId?.ToString(CultureInfo.InvariantCulture) ?? "?"}");
        _width = Math.Max(_width, process.Length);

        text.Append(time.ToString(today ? "HH:mm:ss.fff" : "yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture)).Append(' ');
        Paint(text, level, code).Append(' ');
        Paint(text, process.PadRight(_width), Grey).Append(' ');
        if (Labels(line) is { Length: > 0 } labels)
            Paint(text, SafeText.Of(labels), Grey).Append(' ');
        text.Append(SafeText.Of(line.Message ?? ""));
        if (line.ErrorMessage is { } error && line.Message?.Contains(error, StringComparison.Ordinal) is not true)
            text.Append(": ").Append(SafeText.Of(error));
        return text.ToString().TrimEnd();
    }

    private static string Labels(LogDocument line)
    {
        var labels = new List<string>(3);
        if (line.JobId is not null)
            labels.Add($"job={line.JobId}");
        if (line.Kind is not null)
            labels.Add($"kind={line.Kind}");
        if (line.Attempt is not (null or "1"))
            labels.Add($"attempt={line.Attempt}");
        return string.Join(' ', labels);
    }

    private StringBuilder Paint(StringBuilder text, string part, int code) =>
        colour ? text.Append(CultureInfo.InvariantCulture, $"\e[{code}m{part}\e[0m") : text.Append(part);
}
