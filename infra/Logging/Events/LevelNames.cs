using System.Collections.Immutable;
using Serilog.Events;

namespace Broker.Logging.Events;

/// <summary>The names of levels: the values of <c>log.level</c>, and their abbreviations on the console.</summary>
public static class LevelNames
{
    /// <summary>The values of <c>log.level</c>, the lowest first, in the order of Serilog's levels.</summary>
    public static ImmutableArray<string> All { get; } = ["trace", "debug", "info", "warning", "error", "fatal"];

    /// <summary>The levels that can be asked for, as they are shown.</summary>
    public const string Choices = "debug, info, warning, error";

    /// <summary>The canonical name of a level to be asked for; null if <paramref name="text"/> is none. Abbreviations, .NET's names and capitals are understood.</summary>
    public static string? Find(string text) => text.ToLowerInvariant() switch
    {
        "debug" or "dbg" or "trace" or "verbose" => "debug",
        "info" or "inf" or "information" => "info",
        "warning" or "wrn" or "warn" => "warning",
        "error" or "err" or "fatal" or "critical" => "error",
        _ => null,
    };

    /// <summary>Three letters and the terminal's colour code for a value of <c>log.level</c>.</summary>
    public static (string Letters, int Colour) Shown(string? level) => level switch
    {
        "trace" or "debug" => ("DBG", 90),
        "info" => ("INF", 32),
        "warning" => ("WRN", 33),
        "error" or "fatal" => ("ERR", 31),
        _ => ("???", 31),
    };

    internal static string Of(LogEventLevel level) => All[Math.Clamp((int)level, 0, All.Length - 1)];
}
