using Serilog.Events;

namespace Broker.Logging.Spool;

/// <summary>What is dropped first when the spool is full. Events of one rank share a file, so that space is freed by deleting files.</summary>
internal enum EventRank
{
    Debug,
    Information,
    Warning,
}

internal static class EventRanks
{
    public static readonly EventRank[] HighestFirst = [EventRank.Warning, EventRank.Information, EventRank.Debug];

    public static EventRank Of(LogEventLevel level) => level switch
    {
        >= LogEventLevel.Warning => EventRank.Warning,
        LogEventLevel.Information => EventRank.Information,
        _ => EventRank.Debug,
    };
}
