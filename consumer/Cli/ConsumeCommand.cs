using System.CommandLine;
using System.Globalization;
using System.Net;
using Broker.CommandLine;
using Broker.CommandLine.Settings;
using Broker.Consumer.Health;
using Broker.Contracts;

namespace Broker.Consumer.Cli;

/// <summary>The command line of the consumer.</summary>
internal sealed class ConsumeCommand
{
    private readonly Option<string[]> _kinds = new("--kinds")
    {
        Description = "Only these kinds; =N sets the concurrency of one",
        HelpName = "KIND[=N],..",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<int?> _concurrency = OptionTypes.WholeNumber("--concurrency", ["-c"], "Concurrent jobs per kind [default: processors]");

    private readonly Option<int?> _processes = OptionTypes.WholeNumber("--processes", ["-p"], "Supervise N child processes");
    private readonly Option<string[]> _handlers = new("--handlers") { Description = "A DLL with handlers; may be repeated", HelpName = "My.dll", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string> _name = new("--name", "-n") { Description = "Its name in logs and outcomes [default: consumer]", HelpName = "NAME", DefaultValueFactory = _ => "consumer" };

    private readonly Option<TimeSpan?> _shutdownTimeout = OptionTypes.Duration(
        "--shutdown-timeout", ["-t"], "Time for running jobs after Ctrl-C [default: 25s]", TimeSpan.FromSeconds(25), "T");

    private readonly Option<IPEndPoint?> _healthPort = new("--health-port")
    {
        Description = "Serve /health/live, /health/ready and /metrics on this port of this machine; *:PORT for other machines too",
        HelpName = "[ADDRESS:]PORT",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (HealthAddress.TryParse(text, out var address))
                return address;
            result.AddError($"--health-port '{text}' is no port: write 8080 (this machine only), 10.0.0.5:8080, [::1]:8080 or *:8080 (all interfaces)");
            return null;
        },
    };

    private readonly Option<int?> _maxJobs = OptionTypes.WholeNumber("--max-jobs-per-process", [], "A process ends after N jobs (a chunk is one), and -p starts the next");

    private readonly Option<long?> _maxMemory = OptionTypes.Size("--max-memory-per-process", "The same when it uses so much memory, such as 512MiB or 2GiB");

    private readonly Option<bool> _exitWhenIdle = new("--exit-when-idle") { Description = "End with 0 when the queues are empty and nothing runs here" };

    // A supervisor of an older version, whose program was replaced while it ran, does not say its id.
    private readonly Option<int?> _supervised = new("--supervised") { Hidden = true, Arity = ArgumentArity.ZeroOrOne };

    private readonly AddressOptions _address = new();

    private readonly Option<string?> _logLevel = OptionTypes.Level(
        "--log-level", ["-l"], "debug, info, warning, error [default: info]");

    private readonly Option<string?> _logFormat = OptionTypes.Word("--log-format", [], "FORMAT", "plain for people, json for machines [default: plain]", "plain", "json");

    /// <summary>Those that can stand in the settings too; the others have settings that all programs share.</summary>
    public IReadOnlyList<Option> Settings => [_kinds, _concurrency, _processes, _handlers, _name, _shutdownTimeout, _maxJobs, _maxMemory, _exitWhenIdle, _healthPort];

    /// <summary>Whether this process is a child, whose supervisor says everything on its command line.</summary>
    public bool IsSupervised(ParseResult parsed) => parsed.GetResult(_supervised) is not null;

    /// <param name="consume">Runs the consumer.</param>
    public RootCommand Create(Func<ConsumerSettings, BrokerSettings, Task<int>> consume)
    {
        var root = new RootCommand("Runs jobs from RabbitMQ. Start it on as many machines as you like.")
        {
            _kinds, _concurrency, _processes, _handlers, _name, _shutdownTimeout, _maxJobs, _maxMemory, _exitWhenIdle, _healthPort, _supervised,
        };
        _address.AddTo(root);
        root.Options.Add(_logLevel);
        root.Options.Add(_logFormat);
        root.Subcommands.Add(HealthCommand());
        root.Subcommands.Add(ShipCommand.Create());
        HelpPage.Attach(
            root,
            """
            consumer                                    every kind, one job a processor
            consumer -p 4 -c 2                          4 processes, 2 jobs of a kind each
            consumer --kinds double,word-count=1        only these two
            consumer --handlers bin/Release/My.dll      your own kinds as well
            consumer -p 4 --exit-when-idle              work off what waits, then end
            """,
            """

            A process that has its --max-jobs-per-process or --max-memory-per-process
            finishes what it has and ends with 0. With -p the next starts at once;
            without it the program ends, for a service manager that starts it again.
            Options from --kinds to --health-port can also be set in appsettings.json
            or the environment: BROKER__CONSUMER__MAXJOBSPERPROCESS, say.
            """);
        root.SetAction(parsed => consume(
            new ConsumerSettings
            {
                Kinds = [.. (parsed.GetValue(_kinds) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Select(ParseKind)],
                Concurrency = parsed.GetValue(_concurrency) ?? Environment.ProcessorCount,
                Processes = parsed.GetValue(_processes),
                Handlers = parsed.GetValue(_handlers) ?? [],
                Name = parsed.GetValue(_name)!,
                ShutdownTimeout = parsed.GetValue(_shutdownTimeout)!.Value,
                HealthPort = parsed.GetValue(_healthPort),
                MaxJobsPerProcess = parsed.GetValue(_maxJobs),
                MaxMemoryPerProcess = parsed.GetValue(_maxMemory),
                ExitWhenIdle = parsed.GetValue(_exitWhenIdle),
                IsSupervised = IsSupervised(parsed),
                Supervisor = parsed.GetValue(_supervised),
            },
            Common(parsed)));
        return root;
    }

    /// <summary>The settings that all programs share, with what the command line says over them.</summary>
    private BrokerSettings Common(ParseResult parsed)
    {
        var settings = BrokerSettings.Load(Environment.GetEnvironmentVariables());
        _address.Apply(parsed, settings);
        settings.Logging.Level = parsed.GetValue(_logLevel) ?? settings.Logging.Level;
        settings.Logging.Format = parsed.GetValue(_logFormat) ?? settings.Logging.Format;
        return settings;
    }

    private static Command HealthCommand()
    {
        var port = new Option<int>("--port") { Description = "Its --health-port", HelpName = "PORT", DefaultValueFactory = _ => HealthEndpoint.DefaultPort };
        var health = new Command("health", "Ask the consumer on this machine whether it is ready") { port };
        HelpPage.Attach(health, "consumer health --port 8080");
        health.SetAction(async (parsed, cancellationToken) =>
        {
            var ready = await HealthEndpoint.AskAsync(parsed.GetValue(port), cancellationToken);
            Console.Out.WriteLine(ready ? "ready" : "not ready");
            return ready ? ExitCodes.Success : ExitCodes.Failed;
        });
        return health;
    }

    private static (string Kind, int? Concurrency) ParseKind(string text)
    {
        var parts = text.Split('=', 2);
        if (!KindName.IsValid(parts[0]))
            throw new InvalidConfigurationException($"--kinds {text}: {KindName.Rule}");
        if (parts.Length == 1)
            return (parts[0], null);
        return int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var concurrency)
            ? (parts[0], concurrency)
            : throw new InvalidConfigurationException($"--kinds {text}: the concurrency after = must be a whole number");
    }
}
