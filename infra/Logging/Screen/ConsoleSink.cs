using System.Globalization;
using Broker.Logging.Events;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace Broker.Logging.Screen;

/// <summary>Formats events and adds them to the console queue, which it owns.</summary>
internal sealed class ConsoleSink : ILogEventSink, IDisposable
{
    private static readonly MessageTemplate Dropped = new MessageTemplateParser().Parse(
        "{Lines} log lines were not shown: the console did not take them fast enough");

    private readonly ITextFormatter _formatter;
    private readonly ConsoleQueue _console;

    public ConsoleSink(ITextFormatter formatter, ConsoleQueue console)
    {
        _formatter = formatter;
        _console = console;
        _console.DescribeDropsWith(count => Line(new LogEvent(
            DateTimeOffset.Now,
            LogEventLevel.Warning,
            exception: null,
            Dropped,
            [
                new LogEventProperty("Lines", new ScalarValue(count)),
                new LogEventProperty("EventId", new StructureValue([new LogEventProperty("Name", new ScalarValue(LoggingActions.LogsDropped.Name))])),
            ])));
    }

    public void Emit(LogEvent logEvent)
    {
        if (_console.HasRoom())
            _console.Add(Line(logEvent));
    }

    public void Dispose() => _console.Dispose();

    private ConsoleLine Line(LogEvent logEvent)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        _formatter.Format(logEvent, text);
        return new ConsoleLine(logEvent.Timestamp, text.ToString());
    }
}
