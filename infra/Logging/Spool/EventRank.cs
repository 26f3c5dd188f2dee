using Serilog.Events;

namespace Broker.Logging.Spool;

/// <summary>What goes first when room is short. Events of one rank share a file, so that room is made by removing files.</summary>
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
