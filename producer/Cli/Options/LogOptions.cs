using System.CommandLine;
using Broker.CommandLine;
using Broker.Contracts;
using Broker.Logging;
using Broker.Logging.Events;
using Broker.Logging.Query;

namespace Broker.Producer.Cli.Options;

/// <summary>Filters of log lines.</summary>
internal sealed class LogOptions
{
    private readonly Option<int?> _pid = OptionTypes.WholeNumber("--pid", [], "Of this process");
    private readonly Option<string?> _host = new("--host") { Description = "Of this machine", HelpName = "HOST" };
    private readonly Option<string?> _job = new("--job") { Description = "Of this job, in every process", HelpName = "ID" };
    private readonly Option<string?> _batch = new("--batch") { Description = "Of all jobs of this batch", HelpName = "ID" };
    private readonly Option<string?> _kind = new("--kind") { Description = "Of jobs of this kind", HelpName = "KIND" };
    private readonly Option<string?> _level = OptionTypes.Level("--level", ["-l"], $"This and above: {LevelNames.Choices}");
    private readonly Option<DateTimeOffset?> _since = OptionTypes.Moment("--since", "From this time: 10m (ago), today, yesterday, 15:04, 2026-01-31T15:04Z");
    private readonly Option<DateTimeOffset?> _until = OptionTypes.Moment("--until", "Before this time");
    private readonly Option<string?> _grep = new("--grep") { Description = "Message or error matches, in any case", HelpName = "REGEX" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _pid, _host, _job, _batch, _kind, _level, _since, _until, _grep })
            command.Options.Add(option);
    }

    /// <exception cref="InvalidConfigurationException">No line could match.</exception>
    public LogQuery Read(ParseResult parsed)
    {
        var query = new LogQuery
        {
            ProcessId = parsed.GetValue(_pid),
            Host = parsed.GetValue(_host),
            JobId = parsed.GetValue(_job),
            BatchId = parsed.GetValue(_batch),
            Kind = parsed.GetValue(_kind),
            Level = parsed.GetValue(_level),
            Since = parsed.GetValue(_since),
            Until = parsed.GetValue(_until),
            Pattern = parsed.GetValue(_grep) is { } pattern ? ParsePattern(pattern) : null,
        };
        return query.Since >= query.Until ? throw new InvalidConfigurationException("--since is not before --until: no line can match") : query;
    }

    private static System.Text.RegularExpressions.Regex ParsePattern(string pattern)
    {
        try
        {
            return LogQuery.ParsePattern(pattern);
        }
        catch (InvalidConfigurationException e)
        {
            throw new InvalidConfigurationException($"--grep {e.Message}", e);
        }
    }
}
