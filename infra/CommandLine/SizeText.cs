using System.Globalization;

namespace Broker.CommandLine;

/// <summary>Sizes as people write them: <c>512MiB</c>, <c>2GiB</c>, <c>1.5GiB</c>; bytes with <c>B</c>.</summary>
public static class SizeText
{
    private static readonly (string Unit, long Bytes)[] Units = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("B", 1)];

    /// <summary>Reads a size greater than zero, its unit in whatever case.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">The size in bytes.</param>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        foreach (var (unit, factor) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                continue;
            if (!decimal.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue / factor)
                return false;
            bytes = (long)(number * factor);
            return bytes > 0;
        }

        return false;
    }

    /// <summary>The size in the largest unit that it fills.</summary>
    public static string Of(long bytes)
    {
        var (unit, factor) = Units.Where(unit => unit.Bytes <= Math.Max(bytes, 1)).MaxBy(unit => unit.Bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes / (decimal)factor:0.##}{unit}");
    }
}
