using Serilog.Core;
using Serilog.Events;

namespace Broker.Logging;

/// <summary>Notes on each event, in the thread that logs it, which thread that is and the event's number in its process.</summary>
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
