using System.Text;
using System.Text.RegularExpressions;
using Broker.Contracts;

namespace Broker.Logging.Query;

/// <summary>
/// Which log lines are wanted; what is null does not matter. <see cref="Matches"/> alone decides, whatever a source has sorted out
/// before: only so do all sources give the same answer.
/// </summary>
public sealed record LogQuery
{
    private static readonly TimeSpan LongestSearch = TimeSpan.FromSeconds(1);

    public long? ProcessId { get; init; }

    public string? Host { get; init; }

    public string? JobId { get; init; }

    public string? BatchId { get; init; }

    public string? Kind { get; init; }

    /// <summary>One of <see cref="LevelNames.All"/>; those above are wanted too.</summary>
    public string? Level { get; init; }

    /// <summary>From this moment on.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this moment.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Is found in the message or in the error's. Made by <see cref="ParsePattern"/>.</summary>
    public Regex? Pattern { get; init; }

    /// <summary>The levels that are wanted; null for all, also those nobody knows.</summary>
    public IReadOnlyList<string>? WantedLevels => Level is null ? null : [.. LevelNames.All.SkipWhile(level => level != Level)];

    /// <summary>A regular expression that does not mind the case.</summary>
    /// <exception cref="Contracts.InvalidConfigurationException"><paramref name="pattern"/> is none.</exception>
    public static Regex ParsePattern(string pattern)
    {
        const RegexOptions options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, LongestSearch);
        }
        catch (NotSupportedException)
        {
            // Looking around and back needs the engine whose time has no bound.
            return new Regex(pattern, options, LongestSearch);
        }
        catch (ArgumentException e)
        {
            throw new InvalidConfigurationException($"'{pattern}' is no regular expression: {e.Message}", e);
        }
    }

    /// <exception cref="Contracts.InvalidConfigurationException">The pattern takes too long.</exception>
    public bool Matches(LogDocument document) =>
        (ProcessId is null || document.ProcessId == ProcessId)
        && (Host is null || document.Host == Host)
        && (JobId is null || document.JobId == JobId)
        && (BatchId is null || document.BatchId == BatchId)
        && (Kind is null || document.Kind == Kind)
        && (Level is null || LevelNames.All.IndexOf(document.Level ?? "") >= LevelNames.All.IndexOf(Level))
        && Spans(document.Time)
        && MatchesPattern(document);

    internal bool Spans(DateTimeOffset time) => (Since is null || time >= Since) && (Until is null || time < Until);

    /// <summary>Texts without which a line cannot match, as bytes: looking for them is many times faster than reading the line.</summary>
    internal IReadOnlyList<byte[]> Needles =>
        [.. new[] { JobId, BatchId, Host, Kind }.OfType<string>().Where(IsWrittenAsItIs).Select(Encoding.UTF8.GetBytes)];

    // JSON has several ways to write other characters.
    private static bool IsWrittenAsItIs(string value) => value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private bool MatchesPattern(LogDocument document)
    {
        if (Pattern is null)
            return true;
        try
        {
            return (document.Message is { } message && Pattern.IsMatch(message)) || (document.ErrorMessage is { } error && Pattern.IsMatch(error));
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new InvalidConfigurationException($"'{Pattern}' takes more than {LongestSearch.TotalSeconds:0} s on one message: write it without nested repetitions", e);
        }
    }
}
