using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Broker.Contracts;

/// <summary>Durations as people write them: <c>250ms</c>, <c>1.5s</c>, <c>2m</c>, <c>1h</c>; a bare number is seconds.</summary>
public static class DurationText
{
    /// <summary>Parses <paramref name="text"/>; false for anything negative, not finite or beyond 10 000 days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var (number, unit) = Split(text.Trim());
        if (!double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value) || value < 0)
            return false;
        double? seconds = unit switch
        {
            "ms" => value / 1000,
            "" or "s" => value,
            "m" or "min" => value * 60,
            "h" => value * 3600,
            "d" => value * 86400,
            _ => null,
        };
        if (seconds is not { } s || s > TimeSpan.FromDays(10_000).TotalSeconds)
            return false;
        duration = TimeSpan.FromSeconds(s);
        return true;
    }

    private static (string Number, string Unit) Split(string text)
    {
        var end = text.Length;
        while (end > 0 && char.IsAsciiLetter(text[end - 1]))
            end--;
        return (text[..end].TrimEnd(), text[end..]);
    }
}

/// <summary>Reads a duration from a JSON number (seconds) or a text such as <c>"250ms"</c>; writes seconds.</summary>
public sealed class DurationJsonConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType switch
        {
            JsonTokenType.Number => reader.GetDouble().ToString("R", CultureInfo.InvariantCulture),
            JsonTokenType.String => reader.GetString()!,
            _ => throw new JsonException("a duration is a number of seconds or a text such as \"250ms\""),
        };
        return DurationText.TryParse(text, out var duration)
            ? duration
            : throw new JsonException($"'{text}' is not a duration: write seconds or a text such as \"250ms\", \"1.5s\", \"2m\"");
    }

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(value.TotalSeconds);
}
