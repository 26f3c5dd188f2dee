using System.CommandLine;
using Broker.Contracts;
using Microsoft.Extensions.Configuration;

namespace Broker.Consumer.Cli;

/// <summary>
/// Options that stand in <c>appsettings.json</c> or the environment, by one rule: <c>--max-jobs-per-process</c> is <c>Broker:Consumer:MaxJobsPerProcess</c>, in the
/// environment <c>BROKER__CONSUMER__MAXJOBSPERPROCESS</c>. As arguments they are read and checked like those.
/// </summary>
internal static class SettingArguments
{
    /// <summary>The command line with the settings of those options that it does not name.</summary>
    /// <param name="root">Parses it.</param>
    /// <param name="given">The command line alone.</param>
    /// <param name="options">The options that can be set.</param>
    /// <param name="section">The section of the consumer's settings.</param>
    /// <exception cref="InvalidConfigurationException">A setting breaks the rule of its option.</exception>
    public static ParseResult Add(RootCommand root, ParseResult given, IEnumerable<Option> options, IConfigurationSection section)
    {
        var arguments = new List<string>();
        foreach (var option in options)
        {
            var key = option.Name.Replace("-", "", StringComparison.Ordinal);
            if (given.GetResult(option) is { Implicit: false } || section[key] is not { Length: > 0 } value)
                continue;
            if (root.Parse([$"{option.Name}={value}"]) is { Errors: [var error, ..] })
                throw new InvalidConfigurationException($"{section.Path.ToUpperInvariant().Replace(":", "__", StringComparison.Ordinal)}__{key.ToUpperInvariant()}: {error.Message}");
            arguments.Add($"{option.Name}={value}");
        }

        return arguments.Count == 0 ? given : root.Parse([.. given.Tokens.Select(token => token.Value), .. arguments]);
    }
}
