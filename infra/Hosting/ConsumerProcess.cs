using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;
using Broker.Contracts.Messages;
using Broker.Hosting.Control;
using Broker.Hosting.Deliveries;
using Broker.Hosting.Execution;
using Broker.Hosting.Handlers;
using Broker.Hosting.Health;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting;

/// <summary>A process that consumes: its start and its end, in order.</summary>
internal sealed class ConsumerProcess(
    BrokerConsumerOptions options, BrokerAddress address, HandlerCatalog catalog, ProcessIdentity self, ProcessLife life, ILoggerFactory logs, ChangeLogLevel? changeLogLevel)
{
    /// <summary>What cancelled handlers may take to notice, before the connections go.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(2);

    private readonly ILogger _log = logs.CreateLogger<ConsumerProcess>();

    /// <summary>The kinds this process serves, each with how many jobs of it run at once.</summary>
    public IReadOnlyList<(KindRunner Runner, int Concurrency)> Served { get; } = ChooseKinds(options, catalog);

    /// <summary>Consumes until <see cref="ProcessLife.Drain"/>; the exit code is <see cref="ProcessLife.ExitCode"/>.</summary>
    /// <param name="readiness">Learns when this process is ready, and when it is not.</param>
    /// <exception cref="BrokerUnavailableException">The broker refuses us. A broker that is only away is waited for.</exception>
    public async Task RunAsync(Readiness readiness)
    {
        // A handler that blocks holds a thread; the pool grows too slowly to make up for a full set of them.
        ThreadPool.SetMinThreads(Served.Sum(kind => kind.Concurrency) + Environment.ProcessorCount + 8, Environment.ProcessorCount);
        try
        {
            await using var connection = await BrokerConnection.OpenWhenThereAsync(address, $"{options.Name} control", Waiting, life.Drain);
            connection.Lost += reason => OnLost(readiness, reason);
            connection.Restored += () => OnRestored(readiness);
            _log.LogInformation(EventActions.BrokerConnected, "connected to {Broker}", address);
            var topology = new JobTopology(connection);
            await DeclareAsync(topology);
            await using var sender = MessageSender.Create(address, $"{options.Name} send", logs);
            await sender.StartAsync(life.Drain);
            var routes = await OutcomeRoutes.OpenAsync(sender, _log);
            using var gate = new ExclusiveGate();
            var watchdog = new Watchdog(topology, [.. Served.Select(kind => kind.Runner)], life, _log);
            await using var receiver = await Receiver.StartAsync(address, $"{options.Name} receive", logs, options.ShutdownTimeout, Subscriptions(routes, gate, watchdog), life.Drain);
            readiness.Set(ready: true);
            await watchdog.RunAsync(life.Drain);
            await StopAsync(receiver, readiness);
        }
        catch (OperationCanceledException) when (life.Drain.IsCancellationRequested)
        {
            _log.LogInformation(EventActions.ProcessStopped, "stopped before it was ready");
        }
    }

    private static (KindRunner, int)[] ChooseKinds(BrokerConsumerOptions options, HandlerCatalog catalog)
    {
        foreach (var kind in options.Kinds.Keys)
            catalog.Require(kind);
        var chosen = options.Kinds.Count > 0 ? options.Kinds.Keys : catalog.Kinds;
        return [.. chosen.Select(kind => (catalog[kind], (options.Kinds.TryGetValue(kind, out var own) ? own : null) ?? options.Concurrency))];
    }

    private async Task DeclareAsync(JobTopology topology)
    {
        await topology.DeclareControlAsync(life.Drain);
        foreach (var (runner, _) in Served)
            await topology.DeclareKindAsync(runner.Kind, life.Drain);
    }

    private List<Subscription> Subscriptions(OutcomeRoutes routes, ExclusiveGate gate, Watchdog watchdog)
    {
        var subscriptions = new List<Subscription>();
        foreach (var (runner, concurrency) in Served)
        {
            var delivery = new JobDelivery(runner, concurrency, self, routes, gate, life, logs.CreateLogger<JobDelivery>());
            subscriptions.Add(new Subscription(
                Names.JobsQueue(runner.Kind),
                Names.JobsExchange,
                "direct",
                runner.Kind,
                QueueArguments.Jobs(runner.Kind),
                // The prefetch limit is the semaphore: the broker never lets this process hold more of the kind.
                (ushort)concurrency,
                watchdog.Hearing(runner, delivery.HandleAsync)));
        }

        var control = new ControlListener(self, Served, routes, changeLogLevel, _log);
        subscriptions.Add(new Subscription(
            Names.ControlQueue($"{self.Host}-{self.ProcessId}-{Guid.CreateVersion7():N}"),
            Names.ControlExchange,
            "fanout",
            "",
            QueueArguments.Control(),
            Prefetch: 10,
            control.HandleAsync,
            Exclusive: true));
        return subscriptions;
    }

    private async Task StopAsync(Receiver receiver, Readiness readiness)
    {
        // Nobody should send us anything new from here on.
        readiness.Set(ready: false);
        var running = Served.Sum(kind => kind.Runner.Running);
        _log.LogInformation(
            EventActions.ProcessStopping, "stopping: no more jobs are taken; {Running} running may finish for {Seconds:0.#} s (ask again to cancel them now)", running, options.ShutdownTimeout.TotalSeconds);

        // Deliveries that were not started are the broker's again; those that run are finished and acknowledged.
        using var patience = new CancellationTokenSource(options.ShutdownTimeout + CancelGrace);
        using var timer = new CancellationTokenSource(options.ShutdownTimeout);
        await using var cancelJobs = timer.Token.Register(life.CancelNow);
        await using var hurry = life.CancelJobs.Register(() =>
        {
            _log.LogInformation(EventActions.ProcessStopping, "cancelling what still runs; it is given back to the broker");
            patience.CancelAfter(CancelGrace);
        });
        await receiver.StopAsync(patience.Token);
        _log.LogInformation(EventActions.ProcessStopped, "stopped");
    }

    private void Waiting(string reason) => _log.LogWarning(EventActions.BrokerWaiting, "waiting for the broker: {Reason}", reason);

    private void OnLost(Readiness readiness, string reason)
    {
        readiness.Set(ready: false);
        _log.LogWarning(EventActions.BrokerLost, "connection to {Broker} lost ({Reason}); reconnecting", address, reason);
    }

    private void OnRestored(Readiness readiness)
    {
        readiness.Set(ready: !life.Drain.IsCancellationRequested);
        _log.LogInformation(EventActions.BrokerRestored, "connection to {Broker} restored", address);
    }
}
