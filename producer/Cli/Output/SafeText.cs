using System.Globalization;
using System.Text;

namespace Broker.Producer.Cli.Output;

/// <summary>Text from other processes as one line that cannot command the terminal or imitate another line.</summary>
internal static class SafeText
{
    public static string Of(string text)
    {
        if (!text.Any(IsUnsafe))
            return text;
        var clean = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            _ = (c, IsUnsafe(c)) switch
            {
                ('\n', _) => clean.Append("\\n"),
                ('\r', _) => clean.Append("\\r"),
                ('\t', _) => clean.Append(' '),
                (_, true) => clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => clean.Append(c),
            };
        }

        return clean.ToString();
    }

    // Control characters, Unicode line ends and bidirectional overrides.
    private static bool IsUnsafe(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
