using System.Globalization;

namespace Broker.Producer.Cli.Output;

/// <summary>Figures in a few characters, for tables; <c>-</c> where there is none.</summary>
internal static class ShortText
{
    public static string Of(long? number) => number is { } some ? some.ToString(CultureInfo.InvariantCulture) : "-";

    /// <summary>One decimal, while it says something.</summary>
    public static string Rate(double? perSecond) => perSecond is { } some ? some.ToString(some < 100 ? "0.#" : "0", CultureInfo.InvariantCulture) : "-";

    /// <summary><c>0.4s</c>, <c>75s</c>, <c>42m</c>, <c>6.5h</c>, <c>3.2d</c>.</summary>
    public static string Duration(TimeSpan? time) => time switch
    {
        null => "-",
        { TotalSeconds: < 9.95 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.Value.TotalSeconds):0.#}s"),
        { TotalSeconds: < 99.5 } => string.Create(CultureInfo.InvariantCulture, $"{time.Value.TotalSeconds:0}s"),
        { TotalMinutes: < 99.5 } => string.Create(CultureInfo.InvariantCulture, $"{time.Value.TotalMinutes:0}m"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{time.Value.TotalHours:0.0}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.Value.TotalDays:0.0}d"),
    };
}
