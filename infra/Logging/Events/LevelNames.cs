using System.Collections.Immutable;
using Serilog.Events;

namespace Broker.Logging.Events;

/// <summary>The names of levels: the values of <c>log.level</c>, and their abbreviations on the console.</summary>
public static class LevelNames
{
    /// <summary>The values of <c>log.level</c>, the lowest first, in the order of Serilog's levels.</summary>
    public static ImmutableArray<string> All { get; } = ["trace", "debug", "info", "warning", "error", "fatal"];

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
