using System.CommandLine;
using System.Globalization;
using Broker.Contracts;
using Broker.Logging.Events;

namespace Broker.CommandLine;

/// <summary>Options with custom value formats.</summary>
public static class OptionTypes
{
    /// <summary>A duration such as <c>250ms</c>, <c>25s</c> or <c>2m</c>, greater than zero.</summary>
    public static Option<TimeSpan?> Duration(string name, string[] aliases, string description, TimeSpan? byDefault = null, string helpName = "TIME") => new(name, aliases)
    {
        Description = description,
        HelpName = helpName,
        DefaultValueFactory = _ => byDefault,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (DurationText.TryParse(text, out var duration) && duration > TimeSpan.Zero)
                return duration;
            result.AddError($"{name} '{text}' is not a duration: write 500ms, 25s, 2m or 1h");
            return null;
        },
    };

    /// <summary>A moment such as <c>10m</c> (ago), <c>15:04</c> or <c>2026-01-31T15:04Z</c>.</summary>
    public static Option<DateTimeOffset?> Moment(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (MomentText.TryParse(text, TimeProvider.System, out var moment))
                return moment;
            result.AddError($"{name} '{text}' is not a time: write 10m (ago), today, yesterday, 15:04, 2026-01-31 or 2026-01-31T15:04:05Z");
            return null;
        },
    };

    /// <summary>A whole number, at least 1 or <paramref name="least"/>.</summary>
    public static Option<int?> WholeNumber(string name, string[] aliases, string description, int least = 1) => new(name, aliases)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least)
                return number;
            result.AddError($"{name} '{text}' is not a whole number of at least {least}");
            return null;
        },
    };

    /// <summary>A size such as <c>512MiB</c> or <c>2GiB</c>, in bytes.</summary>
    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (SizeText.TryParse(text, out var bytes))
                return bytes;
            result.AddError($"{name} '{text}' is not a size: write 512MiB or 2GiB");
            return null;
        },
    };

    /// <summary>A log level, under any name that <see cref="LevelNames.Find"/> knows.</summary>
    public static Option<string?> Level(string name, string[] aliases, string description) => new(name, aliases)
    {
        Description = description,
        HelpName = "LEVEL",
        CustomParser = result =>
        {
            if (LevelNames.Find(result.Tokens[0].Value) is { } level)
                return level;
            result.AddError($"{name} '{result.Tokens[0].Value}' is not one of {LevelNames.Choices}");
            return null;
        },
    };

    /// <summary>One of a fixed set of words.</summary>
    public static Option<string?> Word(string name, string[] aliases, string helpName, string description, params string[] allowed) => new(name, aliases)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (allowed.Contains(text))
                return text;
            result.AddError($"{name} '{text}' is not one of {string.Join(", ", allowed)}");
            return null;
        },
    };
}
