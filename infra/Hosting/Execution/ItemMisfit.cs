using System.Text;
using System.Text.Json;

namespace Broker.Hosting.Execution;

/// <summary>Tells a person why an item does not fit: the item, what would fit, where it is wrong, and why.</summary>
internal static class ItemMisfit
{
    private const int MaxItemLength = 60;
    private const int MaxReasonLength = 300;

    public static ItemDoesNotFitException Of(ReadOnlySpan<byte> item, string signature, IReadOnlyList<ArgsParameter> parameters, Exception error) =>
        new($"{Shortened(item)} does not fit {signature}{(LooksBroken(item) ? " (it begins like JSON but is not: quote names and close brackets)" : Place(parameters, error))}{Reason(error)}", error);

    private static bool LooksBroken(ReadOnlySpan<byte> item) => item.StartsWith("\"{"u8) || item.StartsWith("\"["u8);

    private static string Place(IReadOnlyList<ArgsParameter> parameters, Exception error)
    {
        if (error is not JsonException { Path: { Length: > 2 } path })
            return "";
        path = path[2..];
        var example = parameters.FirstOrDefault(parameter => parameter.Name == path)?.Example;
        return example is null ? $" (at {path})" : $" (at {path}, write it as {example})";
    }

    /// <summary>What the error adds. What System.Text.Json says for people who program is left out or said in the words of the one who wrote the item.</summary>
    private static string Reason(Exception error)
    {
        var text = error.Message;
        if (error is JsonException && text.StartsWith("JSON deserialization for type", StringComparison.Ordinal) && text.IndexOf("including: ", StringComparison.Ordinal) is > 0 and var names)
            return $": missing {text[(names + "including: ".Length)..].TrimEnd('.')}";
        if (text.IndexOf(" Path: $", StringComparison.Ordinal) is > 0 and var end)
        {
            text = text[..end];
            if (text.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
                return "";
            if (text.Contains("doesn't allow ", StringComparison.Ordinal) && text.Contains("null values", StringComparison.Ordinal))
                return ": null is not allowed";
        }

        // A JsonException without a message has one that names the type alone.
        if (text.Length == 0 || text.StartsWith("Exception of type '", StringComparison.Ordinal))
            return "";
        return ": " + (text.Length > MaxReasonLength ? text[..MaxReasonLength] + "..." : text).ReplaceLineEndings(" ");
    }

    private static string Shortened(ReadOnlySpan<byte> item)
    {
        var text = Encoding.UTF8.GetString(item[..Math.Min(item.Length, MaxItemLength)]).ReplaceLineEndings(" ");
        return item.Length > MaxItemLength ? text + "..." : text;
    }
}
