using System.Globalization;
using Broker.Contracts;

namespace Broker.CommandLine;

/// <summary>
/// Parses points in time: a duration (<c>10m</c>) is that long ago; <c>today</c> and <c>yesterday</c> begin at midnight; <c>15:04</c> is today; <c>2026-01-31</c>, <c>2026-01-31T15:04</c> and
/// <c>2026-01-31 15:04:05.123</c> are local, unless <c>Z</c> or <c>+02:00</c> follows.
/// </summary>
internal static class MomentText
{
    private static readonly string[] Times = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF"];

    private static readonly string[] Dates =
        [.. new[] { "yyyy-MM-dd" }.Concat(Times.SelectMany(time => new[] { $"yyyy-MM-dd'T'{time}K", $"yyyy-MM-dd {time}K" }))];

    public static bool TryParse(string text, TimeProvider clock, out DateTimeOffset moment)
    {
        var now = clock.GetUtcNow();
        var zone = clock.LocalTimeZone;
        if (DurationText.TryParse(text, out var ago))
        {
            moment = now - ago;
            return true;
        }

        moment = default;
        if (text is "today" or "yesterday")
        {
            var midnight = TimeZoneInfo.ConvertTime(now, zone).Date.AddDays(text == "today" ? 0 : -1);
            moment = new DateTimeOffset(midnight, zone.GetUtcOffset(midnight));
            return true;
        }

        if (DateTime.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out var time))
            time = TimeZoneInfo.ConvertTime(now, zone).Date + time.TimeOfDay;
        else if (!DateTime.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time))
            return false;
        moment = time.Kind == DateTimeKind.Utc ? new DateTimeOffset(time) : new DateTimeOffset(time, zone.GetUtcOffset(time));
        return true;
    }
}
