using System.Text;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Broker.Logging;

/// <summary>
/// Writes each event to stderr in one system call: several processes share a supervisor's screen, and the console's own writer cuts a line
/// into pieces of 256 characters that would mix.
/// </summary>
internal sealed class WholeLineSink(ITextFormatter formatter) : ILogEventSink
{
    private readonly Stream _output = Console.OpenStandardError();

    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        formatter.Format(logEvent, line);
        _output.Write(Encoding.UTF8.GetBytes(line.ToString()));
    }
}
