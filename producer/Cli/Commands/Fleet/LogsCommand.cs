using System.CommandLine;
using Broker.CommandLine;
using Broker.CommandLine.Settings;
using Broker.Contracts;
using Broker.Logging;
using Broker.Logging.Query;
using Broker.Logging.Query.Elasticsearch;
using Broker.Logging.Query.Files;
using Broker.Logging.Settings;
using Broker.Producer.Cli.Options;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Fleet;

internal static class LogsCommand
{
    private const int DefaultLimit = 1000;

    public static Command Create()
    {
        var which = new LogOptions();
        var follow = new Option<bool>("--follow", "-f") { Description = "And new lines as they come, until Ctrl-C" };
        var limit = OptionTypes.WholeNumber("--last", ["-n"], $"The newest N lines, 0 for all [default: {DefaultLimit}]", least: 0);
        var output = OptionTypes.Word("--output", ["-o"], "plain|json", "json: each line's ECS document as it is", "plain", "json");
        var folder = new Option<string?>("--folder") { Description = "Read the files there, whatever is configured", HelpName = "DIR" };
        var connection = new ConnectionOptions();
        var command = new Command("logs", "Who did what: log lines of all processes");
        which.AddTo(command);
        foreach (var option in new Option[] { follow, limit, output, folder })
            command.Options.Add(option);
        connection.AddTo(command, broker: false);
        HelpPage.Attach(
            command,
            """
            producer logs --since 10m --level warning
            producer logs --job 0199... --output json     one job, from end to end
            producer logs --pid 4711 --follow
            """);
        command.SetAction(async parsed =>
        {
            using var session = connection.Open(parsed);
            var query = which.Read(parsed);
            var following = parsed.GetValue(follow);
            if (following && query.Until is not null)
                throw new InvalidConfigurationException("--follow waits for new lines, and --until wants none: leave one out");
            using var printer = new LogPrinter(StandardOutput.Open(), parsed.GetValue(output) == "json" ? null : new PlainLogLine(session.Colour && !Console.IsOutputRedirected, TimeProvider.System));
            var source = Choose(parsed.GetValue(folder), session.Settings);
            using var connected = source as IDisposable;
            try
            {
                await PrintAsync(source, query, parsed.GetValue(limit) ?? DefaultLimit, printer, session);
                if (following)
                    await FollowAsync(source, query, printer, session);
                else if (printer.Written == 0)
                    Screen.Say($"no log line matches in {source.Place}");
                return ExitCodes.Success;
            }
            catch (OutputClosedException e)
            {
                Screen.Say($"{e.Message} after {printer.Written} lines");
                return e.ExitCode;
            }
        });
        return command;
    }

    private static ILogSource Choose(string? folder, BrokerSettings settings)
    {
        if (folder is not null)
            return Directory.Exists(folder) ? new FileLogSource(folder, Screen.Say) : throw new InvalidConfigurationException($"--folder {folder}: there is no such folder");
        if (ElasticsearchLogSource.Of(settings.Logging, Screen.Say) is { } elasticsearch)
            return elasticsearch;
        var logs = settings.Logging.Directory ?? LoggingSettings.DefaultDirectory;
        return logs is "" or "none"
            ? throw new InvalidConfigurationException("no process leaves logs: BROKER__LOGGING__DIRECTORY is none and ELASTICSEARCH_URL is not set (--folder DIR reads files from elsewhere)")
            : new FileLogSource(logs, Screen.Say);
    }

    private static async Task PrintAsync(ILogSource source, LogQuery query, int limit, LogPrinter printer, Session session)
    {
        if (limit == 0)
        {
            await foreach (var line in source.ReadAllAsync(query, session.Interrupted))
                printer.Write(line);
            printer.Flush();
            return;
        }

        // One more than asked for tells whether there are more.
        var count = limit == int.MaxValue ? limit : limit + 1;
        var newest = await source.ReadNewestAsync(query, count, session.Interrupted);
        if (newest.Count > limit)
            Screen.Say($"older lines are left out: these are the newest {limit}; --last 0 shows all");
        foreach (var line in newest.Skip(newest.Count - limit))
            printer.Write(line);
        printer.Flush();
    }

    private static async Task FollowAsync(ILogSource source, LogQuery query, LogPrinter printer, Session session)
    {
        if (printer.Written == 0)
            Screen.Say($"no log line matches yet in {source.Place}; waiting, until Ctrl-C");
        await foreach (var lines in source.FollowAsync(query, session.Interrupted))
        {
            foreach (var line in lines)
                printer.Write(line);
            printer.Flush();
        }
    }
}
