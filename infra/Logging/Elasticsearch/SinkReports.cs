using System.Globalization;
using Broker.Logging.Events;
using Broker.Logging.Spool;
using Serilog.Events;
using Serilog.Parsing;

namespace Broker.Logging.Elasticsearch;

/// <summary>The sink's own log events: how many events were dropped or rejected.</summary>
internal sealed class SinkReports(DropCounts dropped, Action<LogEvent> emit)
{
    private static readonly MessageTemplateParser Parser = new();

    private long _rejected;

    /// <summary>Counts an event that the server rejected for good.</summary>
    public void Rejected() => Interlocked.Increment(ref _rejected);

    /// <summary>Called when the server accepts events: logs how many it did not get.</summary>
    public void Tell()
    {
        if (dropped.Take() is { } counts)
        {
            Emit(
                LoggingActions.LogsDropped,
                "{Debug} debug, {Info} info and {Warning} higher events were dropped: the spool was full while Elasticsearch was unavailable",
                ("Debug", counts[EventRank.Debug]),
                ("Info", counts[EventRank.Information]),
                ("Warning", counts[EventRank.Warning]));
        }

        if (Interlocked.Exchange(ref _rejected, 0) is > 0 and var rejected)
            Emit(LoggingActions.LogsRejected, "Elasticsearch rejected {Rejected} events; they are in the spool's dead-letter file, each with the reason", ("Rejected", rejected));
    }

    private void Emit(Microsoft.Extensions.Logging.EventId action, string template, params (string Name, long Value)[] values) => emit(new LogEvent(
        DateTimeOffset.Now,
        LogEventLevel.Warning,
        null,
        Parser.Parse(template),
        [
            .. values.Select(value => new LogEventProperty(value.Name, new ScalarValue(value.Value.ToString(CultureInfo.InvariantCulture)))),
            new LogEventProperty("EventId", new StructureValue([new LogEventProperty("Name", new ScalarValue(action.Name))])),
            new LogEventProperty("SourceContext", new ScalarValue("Broker.Logging")),
        ]));
}
