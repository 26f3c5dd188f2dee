using System.CommandLine;
using Broker.Benchmarks.AgainstPeers;
using Broker.Benchmarks.Logs;
using Broker.Benchmarks.Processes;
using Broker.Benchmarks.Raw;
using Broker.Benchmarks.Report;
using Broker.CommandLine;
using Broker.CommandLine.Settings;

namespace Broker.Benchmarks;

/// <summary>The command line: a comparison, or the raw client's worker for one.</summary>
internal static class BenchmarkCommand
{
    private const string BinVariable = "BROKER_TEST_BIN";

    public static RootCommand Create()
    {
        var broker = new Option<string?>("--broker") { Description = "The address of RabbitMQ [default: $BROKER_URL]", HelpName = "URL" };
        var bin = new Option<string?>("--bin") { Description = $"Where the published producer and consumer are [default: ${BinVariable}]", HelpName = "DIR" };
        var rounds = OptionTypes.WholeNumber("--rounds", [], "Measured rounds, after one warm-up [default: 7]");
        var concurrency = OptionTypes.WholeNumber("--concurrency", ["-c"], "Prefetch limit of both workers [default: 64]");
        var window = OptionTypes.WholeNumber("--window", ["-w"], "Jobs in flight, on both sides [default: 512]");
        var quick = new Option<bool>("--quick") { Description = "One short round, to check that it works" };
        var assert = new Option<bool>("--assert") { Description = "Exit 1 when a target is missed" };
        var root = new RootCommand("Compares JobPool and the programs with the raw RabbitMQ client, in one run.") { broker, bin, rounds, concurrency, window, quick, assert };
        HelpPage.Attach(root, "benchmarks --bin bin --broker amqp://guest:guest@localhost:5672/");
        root.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = parsed.GetValue(quick) ? BenchmarkSettings.Quick : new BenchmarkSettings();
            settings = settings with
            {
                Rounds = parsed.GetValue(rounds) ?? settings.Rounds,
                Concurrency = parsed.GetValue(concurrency) ?? settings.Concurrency,
                Window = parsed.GetValue(window) ?? settings.Window,
            };
            var findings = await Comparison.RunAsync(settings, Url(parsed.GetValue(broker)), Programs.In(parsed.GetValue(bin) ?? Environment.GetEnvironmentVariable(BinVariable)), cancellationToken);
            ReportPage.Write(Console.Out, settings, findings);
            return parsed.GetValue(assert) && Target.All(findings).Any(target => !target.Met) ? ExitCodes.Failed : ExitCodes.Success;
        });
        root.Subcommands.Add(LogsCommand());
        root.Subcommands.Add(PeersCommand(broker, bin));
        root.Subcommands.Add(RawWorkerCommand());
        return root;
    }

    private static Command LogsCommand()
    {
        var server = new Option<string>("--elasticsearch") { Description = "Elasticsearch's address", HelpName = "URL", Required = true };
        var quick = new Option<bool>("--quick") { Description = "One short round, to check that it works" };
        var assert = new Option<bool>("--assert") { Description = "Exit 1 when a target is missed" };
        var command = new Command("logs", "Compare logging to Elasticsearch with a file and with curl") { server, quick, assert };
        HelpPage.Attach(command, "benchmarks logs --elasticsearch http://localhost:9200");
        command.SetAction(async parsed =>
        {
            var settings = parsed.GetValue(quick) ? LogBenchmarkSettings.Quick : new LogBenchmarkSettings();
            var folder = Directory.CreateTempSubdirectory("broker-log-benchmark-");
            try
            {
                using var comparison = new LogComparison(parsed.GetValue(server)!, settings, folder.FullName);
                await comparison.RunAsync(Console.Error.WriteLine);
                return LogReport.Write(Console.Out, settings, comparison) || !parsed.GetValue(assert) ? ExitCodes.Success : ExitCodes.Failed;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private static Command PeersCommand(Option<string?> broker, Option<string?> bin)
    {
        var peers = new Option<string>("--peers") { Description = "The folder that peers/install.sh has filled", HelpName = "DIR", DefaultValueFactory = _ => ".broker/peers" };
        var scripts = new Option<string>("--scripts") { Description = "The folder of that script", HelpName = "DIR", DefaultValueFactory = _ => "tests/benchmarks/peers" };
        var rounds = OptionTypes.WholeNumber("--rounds", [], "Measured rounds, after one warm-up [default: 5]");
        var quick = new Option<bool>("--quick") { Description = "One short round, to check that it works" };
        var assert = new Option<bool>("--assert") { Description = "Exit 1 when a target is missed" };
        var command = new Command("peers", "Compare with Celery, BullMQ, Python's multiprocessing and the raw client") { broker, bin, peers, scripts, rounds, quick, assert };
        HelpPage.Attach(command, "benchmarks peers --bin bin --broker amqp://guest:guest@localhost:5672/");
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var settings = parsed.GetValue(quick) ? PeerSettings.Quick : new PeerSettings();
            settings = settings with { Rounds = parsed.GetValue(rounds) ?? settings.Rounds };
            var url = Url(parsed.GetValue(broker));
            var programs = Programs.In(parsed.GetValue(bin) ?? Environment.GetEnvironmentVariable(BinVariable));
            var comparison = new PeerComparison(settings, url, programs, PeerPrograms.In(parsed.GetValue(peers)!, parsed.GetValue(scripts)!, url));
            await comparison.RunAsync(cancellationToken);
            comparison.Write(Console.Out);
            return parsed.GetValue(assert) && comparison.Ratios.Any(ratio => !ratio.Met) ? ExitCodes.Failed : ExitCodes.Success;
        });
        return command;
    }

    private static Command RawWorkerCommand()
    {
        var concurrency = new Option<int>("--concurrency");
        var command = new Command(RawWorker.Verb, "The raw client's worker; ends with its standard input") { concurrency };
        command.Hidden = true;
        command.SetAction(async parsed =>
        {
            await RawWorker.RunAsync(Url(null), (ushort)parsed.GetValue(concurrency));
            return ExitCodes.Success;
        });
        return command;
    }

    private static string Url(string? given)
    {
        var settings = BrokerSettings.Load(Environment.GetEnvironmentVariables());
        return given ?? settings.Url;
    }
}
