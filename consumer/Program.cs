using System.Diagnostics;
using System.Runtime.InteropServices;
using Broker.CommandLine;
using Broker.CommandLine.Settings;
using Broker.Consumer.Cli;
using Broker.Consumer.Handlers;
using Broker.Consumer.Health;
using Broker.Consumer.Logs;
using Broker.Consumer.Supervision;
using Broker.Hosting.Health;
using Broker.Hosting.Lifetime;
using Broker.Logging;
using Broker.Logging.Events;
using Broker.Logging.Export;
using Broker.Logging.Screen;
using Broker.Logging.Settings;
using Broker.Pool;
using Broker.Primitives;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

var debug = false;
try
{
    var command = new ConsumeCommand();
    var root = command.Create(ConsumeAsync);
    var parsed = root.Parse(args);
    if (parsed.Errors.Count > 0 && parsed.Action is not HelpPage)
        return ErrorReport.WriteUsage(parsed);
    if (parsed.CommandResult.Command == root && parsed.Action is not HelpPage && !command.IsSupervised(parsed))
        parsed = SettingArguments.Add(root, parsed, command.Settings, BrokerSettings.Load(Environment.GetEnvironmentVariables()).Consumer);
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception e)
{
    return ErrorReport.Write(e, "consumer", debug);
}

async Task<int> ConsumeAsync(ConsumerSettings settings, BrokerSettings configuration)
{
    debug = configuration.Logging.Level == "debug";
    settings.Validate();
    var address = configuration.Address;

    var process = ProcessFields.OfThisProcess("broker-consumer", settings.Name, settings.IsSupervised);
    var colour = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
    var parent = settings.IsSupervised ? ParentLink.Open() : null;
    var console = parent?.Console ?? ConsoleQueue.ToStandardError(settings.Processes is null ? TimeSpan.Zero : Supervisor.LineHold);
    using var log = ProcessLog.Open(configuration.Logging, process, colour, console: console);
    var logger = log.Factory.CreateLogger("Broker.Consumer");
    await using var primitives = BrokerPrimitives.Of(address, new BrokerOptions { Logs = log.Factory, Name = settings.Name });
    await using var handlers = await HandlerSets.LoadAsync(settings.Handlers, primitives, log.Factory);
    using var life = new ConsumerLifetime(logger);
    using var logLevel = new TemporaryLogLevel(log.Levels, TimeProvider.System, logger);
    var stops = new StopRequests(life, TimeProvider.System);
    var readiness = new Readiness();
    var consumer = new JobConsumer(
        settings.ToOptions(), address, handlers.Catalog, process.Identity, life, readiness, log.Factory, (level, duration) => (LogLevels.NameOf(level), logLevel.Change(level, duration)), settings.ToTerms());
    var firstReady = true;
    readiness.Changed += ready =>
    {
        if (ready && firstReady)
            logger.LogInformation(EventActions.ProcessReady, "ready in {Milliseconds:0} ms", (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds);
        else if (ready)
            logger.LogInformation(EventActions.ProcessReady, "ready again");
        firstReady &= !ready;
    };

    using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var telemetry = settings.HealthPort is not null || configuration.Telemetry.Traces || configuration.Telemetry.Metrics
        ? ConsumerTelemetry.Start(configuration.Telemetry, process, logger, scraped: settings.HealthPort is not null)
        : null;
    await using var health = settings.HealthPort is { } endpoint ? await HealthEndpoint.StartAsync(endpoint, () => readiness.IsReady, telemetry!) : null;
    parent?.Attach(stops, readiness, life);
    if (parent is null && !configuration.Logging.Format.Equals("json", StringComparison.OrdinalIgnoreCase))
        Banner.Write(settings, address, consumer.Kinds.Select(kind => (kind.Kind, kind.Concurrency)), log.Destinations);
    logger.LogInformation(EventActions.ProcessStarted, "started");
    // A child's crash is its supervisor's to log. Where no event is kept, none is owed for a predecessor.
    using var mark = settings.IsSupervised || log.Destinations.Count == 0 ? null : LifeMark.Leave(configuration.Logging.LifeMarks, process, TimeProvider.System, logger);

    if (settings.Processes is not null)
        return await new Supervisor(settings, name => ChildProcess.Start(settings.ChildArguments(name), configuration.ToEnvironment()), life, readiness, console, logger).RunAsync();
    await consumer.RunAsync();
    return life.ExitCode;

    void Stop(PosixSignalContext signal)
    {
        // Ours to handle: the runtime would end the process, and its jobs with it.
        signal.Cancel = true;
        if (signal.Signal == PosixSignal.SIGTERM)
            stops.Stop();
        // A terminal's Ctrl-C reaches children too; theirs comes from the supervisor, which knows the first from the second.
        else if (!settings.IsSupervised)
            stops.Interrupt();
    }
}
