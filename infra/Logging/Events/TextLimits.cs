namespace Broker.Logging.Events;

/// <summary>Maximum lengths of an event's texts, in characters. A truncated text ends with its original length.</summary>
/// <param name="Message">Of the message.</param>
/// <param name="Stack">Of the stack trace.</param>
/// <param name="Label">Of each other text.</param>
/// <param name="Labels">How many labels.</param>
internal sealed record TextLimits(int Message, int Stack, int Label, int Labels)
{
    /// <summary>More than Elasticsearch indexes of a keyword.</summary>
    public static TextLimits Usual { get; } = new(128 * 1024, 64 * 1024, 32 * 1024, 200);

    /// <summary>For an event that is too large with the usual limits: it fits 64 KiB even if each character takes six bytes.</summary>
    public static TextLimits Tight { get; } = new(2000, 2000, 100, 20);

    public static string Cut(string text, int limit) =>
        text.Length <= limit ? text : $"{text.AsSpan(0, limit)}... ({text.Length} characters)";
}
