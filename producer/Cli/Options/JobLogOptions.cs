using System.CommandLine;
using Broker.Contracts;
using Broker.Producer.Cli.JobLogs;

namespace Broker.Producer.Cli.Options;

/// <summary>The joblog, and what is left to run by it.</summary>
internal sealed class JobLogOptions
{
    private readonly Option<string?> _file = new("--joblog") { Description = "A line per item that is done, as GNU parallel's; FILE is overwritten, +FILE appended to", HelpName = "[+]FILE" };
    private readonly Option<bool> _resume = new("--resume") { Description = "Run what is not in the joblog; append to it" };
    private readonly Option<bool> _resumeFailed = new("--resume-failed") { Description = "As --resume, and run again what failed" };
    private readonly Option<bool> _retryFailed = new("--retry-failed") { Description = "Run again what failed, and nothing else" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _file, _resume, _resumeFailed, _retryFailed })
            command.Options.Add(option);
    }

    /// <summary>Null where no joblog is wanted.</summary>
    /// <exception cref="InvalidConfigurationException">Options that do not go together.</exception>
    public JobLogPlan? Read(ParseResult parsed)
    {
        (Option<bool> Option, Resumption Resumption)[] ways = [(_resume, Resumption.Rest), (_resumeFailed, Resumption.RestAndFailed), (_retryFailed, Resumption.Failed)];
        var chosen = ways.Where(way => parsed.GetValue(way.Option)).ToList();
        if (chosen.Count > 1)
            throw new InvalidConfigurationException($"{chosen[0].Option.Name} and {chosen[1].Option.Name} contradict each other: give one of them");
        if (parsed.GetValue(_file) is not { } path)
            return chosen.Count == 0 ? null : throw new InvalidConfigurationException($"{chosen[0].Option.Name} goes on with a map that has written a joblog: name that with --joblog FILE");
        var append = path.StartsWith('+');
        path = append ? path[1..] : path;
        return path switch
        {
            "" => throw new InvalidConfigurationException("--joblog needs the name of a file"),
            "-" => throw new InvalidConfigurationException("--joblog - would mix with the results on standard output: name a file, or /dev/stderr"),
            _ => new JobLogPlan(path, append, chosen.Count == 0 ? null : chosen[0].Resumption),
        };
    }
}
