using Broker.Bus;
using Broker.Connection;
using Broker.Contracts;
using Broker.Hosting.Control;
using Broker.Hosting.Deliveries;
using Broker.Hosting.Execution;
using Broker.Hosting.Handlers;
using Broker.Hosting.Health;
using Broker.Hosting.Running;
using Broker.Hosting.Settings;
using Broker.Hosting.Telemetry;
using Broker.Telemetry;
using Broker.Topology;
using Microsoft.Extensions.Logging;

namespace Broker.Hosting.Lifetime;

/// <summary>Consumes jobs: its start and its stop, in order.</summary>
internal sealed class JobConsumer(
    BrokerConsumerOptions options, BrokerAddress address, HandlerCatalog catalog, ProcessIdentity self, ConsumerLifetime life, Readiness readiness, ILoggerFactory logs, ChangeLogLevel? changeLogLevel, ProcessTerms terms)
{
    /// <summary>What cancelled handlers may take to notice, before the connections go.</summary>
    private static readonly TimeSpan CancelGrace = TimeSpan.FromSeconds(2);

    /// <summary>How long suspects may run before this process subscribes to other jobs: those that end it take no other with them.</summary>
    private static readonly TimeSpan SuspectsFirst = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan DeclareDelay = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = logs.CreateLogger<JobConsumer>();
    private readonly JobLog _jobLog = JobLog.Of(logs);
    private readonly RunningJobs _running = new();
    private readonly LostJobs _lost = new(TimeProvider.System);
    private readonly ProcessLimits _limits = new(terms, life, static () => Environment.WorkingSet, TimeProvider.System);

    /// <summary>The kinds this process serves.</summary>
    public IReadOnlyList<HostedKind> Kinds { get; } = catalog.Choose(options.Kinds, options.Concurrency);

    /// <summary>Consumes until <see cref="ConsumerLifetime.Drain"/>; the exit code is <see cref="ConsumerLifetime.ExitCode"/>.</summary>
    /// <exception cref="BrokerUnavailableException">The broker refuses us. A broker that is only away is waited for.</exception>
    public async Task RunAsync()
    {
        // A handler that blocks holds a thread; the pool grows too slowly to make up for a full set of them.
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Kinds.Sum(kind => kind.Concurrency) + Environment.ProcessorCount + 8), ports);
        try
        {
            await using var connection = await BrokerConnection.OpenWhenThereAsync(address, $"{options.Name} control", Waiting, life.Drain);
            connection.Lost += OnLost;
            connection.Restored += OnRestored;
            _log.LogInformation(EventActions.BrokerConnected, "connected to {Broker}", address);
            using var running = JobMetrics.Observe(_running, Kinds);
            using var connected = ClientMetrics.Connected(() => connection.IsOpen);
            var topology = new JobTopology(connection);
            await DeclareAsync(topology);
            await using var sender = MessageSender.Create(address, $"{options.Name} send", logs);
            await sender.StartAsync(life.Drain);
            var routes = new OutcomeRoutes(sender, topology, self, _log);
            _running.Reported = new ProgressReports(routes.TellAsync, TimeProvider.System, _log).Add;
            var cancelled = new CancelledJobs(TimeProvider.System);
            await using var follower = new CancelledFollower(connection, topology, cancelled, _running, _log);
            await follower.WaitAsync(life.Drain);
            var callers = new CallerWatch(topology.LookAtResultsAsync, _running, TimeProvider.System, _log);
            using var gate = new ExclusiveGate();
            var watchdog = new Watchdog(topology.LookAtJobsAsync, Kinds, _running, life.Retire, TimeProvider.System, _log);
            using var suspects = new SuspectJobs(connection, topology, gate, () => readiness.Set(ready: true), _log);
            var subscriptions = Subscriptions(routes, gate, new JobAnswers(routes, cancelled, callers, _jobLog), suspects, watchdog);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(life.Drain);
            var suspicion = suspects.RunAsync(ended.Token);
            await using var receiver = await ReceiveAsync(subscriptions, suspects, ended);
            if (receiver is not null)
                await Task.WhenAll(watchdog.RunAsync(receiver.ResubscribeAsync, life.Drain), callers.RunAsync(life.Drain), _limits.WatchAsync(), LeaveWhenIdleAsync(topology, routes));
            await StopAsync(receiver, suspicion);
        }
        catch (OperationCanceledException) when (life.Drain.IsCancellationRequested)
        {
            _log.LogInformation(EventActions.ProcessStopped, "stopped before it was ready");
        }
    }

    /// <returns>Null where the process was stopped before it had subscribed.</returns>
    private async Task<Receiver?> ReceiveAsync(IReadOnlyCollection<Subscription> subscriptions, SuspectJobs suspects, CancellationTokenSource ended)
    {
        try
        {
            await suspects.RanFirst.WaitAsync(SuspectsFirst).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var receiver = await Receiver.StartAsync(address, $"{options.Name} receive", logs, subscriptions, life.Drain);
            readiness.Set(ready: true);
            return receiver;
        }
        catch (OperationCanceledException) when (life.Drain.IsCancellationRequested)
        {
            return null;
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
    }

    /// <summary>The broker may go away, or fall silent, between the connection and the declarations; the connection comes back by itself.</summary>
    private async Task DeclareAsync(JobTopology topology)
    {
        while (true)
        {
            try
            {
                await topology.DeclareControlAsync(life.Drain);
                foreach (var kind in Kinds)
                {
                    await topology.DeclareKindAsync(kind.Kind, life.Drain);
                    await topology.DeclareSuspectsAsync(kind.Kind, life.Drain);
                }

                return;
            }
            catch (BrokerUnavailableException e) when (e.CanRetry)
            {
                Waiting(e.Message);
            }

            await Task.Delay(DeclareDelay, life.Drain);
        }
    }

    private List<Subscription> Subscriptions(OutcomeRoutes routes, ExclusiveGate gate, JobAnswers answers, SuspectJobs suspects, Watchdog watchdog)
    {
        var crashes = new CrashCount(_lost, routes.AskAsync, TimeProvider.System);
        var subscriptions = new List<Subscription>();
        foreach (var kind in Kinds)
        {
            var execution = new JobExecution(kind, self, logs.CreateLogger($"{LogCategories.Handlers}.{kind.Kind}"), life.Retire);
            var delivery = new JobDelivery(kind, execution, answers, routes, gate, suspects, _running, _lost, crashes, _jobLog);
            suspects.Serve(kind.Kind, TakeAsync);
            subscriptions.Add(JobSubscription.Of(kind, watchdog.Hearing(kind, TakeAsync)));

            async Task TakeAsync(Delivery one)
            {
                try
                {
                    await (_limits.TryTake() ? delivery.HandleAsync(one) : delivery.ReturnAsync(one));
                }
                catch (OutOfMemoryException) when (MemoryShortage.Lasting() is { } shortage)
                {
                    life.Retire(shortage);
                    throw;
                }

                _limits.Ended();
            }
        }

        subscriptions.Add(new ControlListener(self, terms.SupervisorId, Kinds, _running, _lost, routes, changeLogLevel, life.BeDrained, _log).Subscription());
        return subscriptions;
    }

    private async Task LeaveWhenIdleAsync(JobTopology topology, OutcomeRoutes routes)
    {
        if (!terms.ExitWhenIdle)
            return;
        try
        {
            await new IdleWatch(topology.LookAtKindAsync, Kinds, _running, () => routes.RetriesDue, TimeProvider.System).UntilIdleAsync(life.Drain);
            life.Leave(ConsumerEnd.Idle, "there is nothing to do");
        }
        catch (OperationCanceledException) when (life.Drain.IsCancellationRequested)
        {
            // It ends for another reason.
        }
    }

    private async Task StopAsync(Receiver? receiver, Task suspicion)
    {
        // Nobody should send us anything new from here on.
        readiness.Set(ready: false);
        if (life.Asked.IsCancellationRequested)
            _log.LogInformation(EventActions.ProcessStopping, "stopping: no more jobs are taken; {Running} running may finish for {Seconds:0.#} s (ask again to cancel them now)", _running.Count, options.ShutdownTimeout.TotalSeconds);

        // Deliveries that were not started are the broker's again; those that run are finished and acknowledged.
        using var timeout = new CancellationTokenSource();
        using var timer = new CancellationTokenSource();
        await using var asked = life.Asked.Register(() => timer.CancelAfter(options.ShutdownTimeout < ItemTimeLimit.MaxTimer ? options.ShutdownTimeout : ItemTimeLimit.MaxTimer));
        await using var cancelJobs = timer.Token.Register(life.CancelNow);
        await using var hurry = life.CancelJobs.Register(() =>
        {
            _log.LogInformation(EventActions.ProcessStopping, "cancelling the jobs that still run; they are requeued");
            _running.CancelAll();
            timeout.CancelAfter(CancelGrace);
        });
        await (receiver?.StopAsync(timeout.Token) ?? Task.CompletedTask);
        await suspicion.WaitAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _log.LogInformation(EventActions.ProcessStopped, "stopped");
    }

    private void Waiting(string reason) => _log.LogWarning(EventActions.BrokerWaiting, "waiting for the broker: {Reason}", reason);

    private void OnLost(string reason)
    {
        readiness.Set(ready: false);
        _log.LogWarning(EventActions.BrokerLost, "connection to {Broker} lost ({Reason}); reconnecting", address, reason);
    }

    private void OnRestored()
    {
        readiness.Set(ready: !life.Drain.IsCancellationRequested);
        _log.LogInformation(EventActions.BrokerRestored, "connection to {Broker} restored", address);
    }
}
