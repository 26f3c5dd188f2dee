using System.Globalization;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace Broker.Logging;

/// <summary>Puts events, as they are to be read, into the queue for the console, which it owns.</summary>
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
        _console.TellDropsBy(count => Line(new LogEvent(
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
        if (_console.Admits())
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
