using System.Text;
using System.Text.RegularExpressions;
using Broker.Contracts;
using Broker.Logging.Events;

namespace Broker.Logging.Query;

/// <summary>
/// A filter of log lines; null values match everything. <see cref="Matches"/> decides, whatever a source has filtered out
/// before, so that all sources return the same lines.
/// </summary>
public sealed record LogQuery
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);

    public long? ProcessId { get; init; }

    public string? Host { get; init; }

    public string? JobId { get; init; }

    public string? BatchId { get; init; }

    public string? Kind { get; init; }

    /// <summary>One of <see cref="LevelNames.All"/>; higher levels match too.</summary>
    public string? Level { get; init; }

    /// <summary>Inclusive.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Exclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Searched in the message and the error message. Made by <see cref="ParsePattern"/>.</summary>
    public Regex? Pattern { get; init; }

    /// <summary>The matching levels; null for all, including unknown ones.</summary>
    public IReadOnlyList<string>? WantedLevels => Level is null ? null : [.. LevelNames.All.SkipWhile(level => level != Level)];

    /// <summary>Parses a regular expression, which ignores case.</summary>
    /// <exception cref="Contracts.InvalidConfigurationException"><paramref name="pattern"/> is invalid.</exception>
    public static Regex ParsePattern(string pattern)
    {
        const RegexOptions options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, MatchTimeout);
        }
        catch (NotSupportedException)
        {
            // Lookarounds and backreferences need the backtracking engine, whose time is unbounded.
            return new Regex(pattern, options, MatchTimeout);
        }
        catch (ArgumentException e)
        {
            throw new InvalidConfigurationException($"'{pattern}' is not a regular expression: {e.Message}", e);
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

    /// <summary>Texts that every matching line contains, as bytes: searching for them is many times faster than parsing the line.</summary>
    internal IReadOnlyList<byte[]> Needles =>
        [.. new[] { JobId, BatchId, Host, Kind }.OfType<string>().Where(IsUnescaped).Select(Encoding.UTF8.GetBytes)];

    // JSON may escape other characters.
    private static bool IsUnescaped(string value) => value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

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
            throw new InvalidConfigurationException($"'{Pattern}' takes more than {MatchTimeout.TotalSeconds:0} s on one message: write it without nested repetitions", e);
        }
    }
}
