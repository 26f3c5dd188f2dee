using Serilog.Core;
using Serilog.Events;

namespace Broker.Logging.Events;

/// <summary>Adds the thread id and the event's number in its process. Must run in the thread that logs, not in a sink's.</summary>
internal sealed class EventStamp : ILogEventEnricher
{
    public const string Thread = "ThreadId";
    public const string Sequence = "Sequence";

    private long _sequence;

    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        logEvent.AddOrUpdateProperty(new LogEventProperty(Thread, new ScalarValue(Environment.CurrentManagedThreadId)));
        logEvent.AddOrUpdateProperty(new LogEventProperty(Sequence, new ScalarValue(Interlocked.Increment(ref _sequence))));
    }
}
