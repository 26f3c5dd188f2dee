using Broker.CommandLine;
using Broker.Consumer.Cli;
using Broker.Hosting.Health;
using Broker.Hosting.Lifetime;
using Broker.Logging;
using Broker.Logging.Screen;
using Broker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Broker.Consumer.Supervision;

/// <summary>Keeps N child processes running. A crash is logged and the child restarted; other children are not affected.</summary>
internal sealed class Supervisor(
    ConsumerSettings settings, IReadOnlyDictionary<string, string> childEnvironment, ConsumerLifetime life, Readiness readiness, ConsoleQueue console, ILogger log)
{
    /// <summary>How long a line is held for earlier ones of other children: longer than a pipe's delay, too short to notice.</summary>
    public static readonly TimeSpan LineHold = TimeSpan.FromMilliseconds(200);

    /// <summary>How long after its shutdown timeout a child is killed.</summary>
    private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(5);

    /// <summary>The exit code of a process that a signal ended is this plus the signal's number.</summary>
    private const int SignalBase = 128;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, ChildProcess> _children = [];

    /// <summary>Runs until <see cref="ConsumerLifetime.Drain"/>.</summary>
    /// <returns>0, or the exit code of a child that must not be restarted.</returns>
    public async Task<int> RunAsync()
    {
        using var measured = SupervisorMetrics.Observe(Count);
        await using var stopping = life.Drain.Register(AskAllToStop);
        await using var hurrying = life.CancelJobs.Register(AskAllToStop);
        var ends = await Task.WhenAll(Enumerable.Range(1, settings.Processes!.Value).Select(KeepRunningAsync));
        log.LogInformation(EventActions.ProcessStopped, "all child processes have stopped");
        return ends.Max();
    }

    private async Task<int> KeepRunningAsync(int number)
    {
        var backoff = new RestartBackoff();
        while (!life.Drain.IsCancellationRequested)
        {
            using var child = Start(number);
            var ending = child.FollowAsync(UpdateReadiness, console);
            var exitCode = await EndAsync(child, ending);
            lock (_lock)
                _children.Remove(number);
            if (life.Drain.IsCancellationRequested)
                break;
            if (exitCode is ExitCodes.Usage or ExitCodes.BrokerUnavailable)
            {
                // The child has logged the reason, and a restart would fail again.
                life.Stop();
                return exitCode;
            }

            var delay = backoff.After(child.Lived);
            LogCrash(child, exitCode, delay);
            SupervisorMetrics.Crashed();
            try
            {
                await Task.Delay(delay, life.Drain);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        return 0;
    }

    private ChildProcess Start(int number)
    {
        var child = ChildProcess.Start(settings.ChildArguments($"{settings.Name}-{number}"), childEnvironment);
        lock (_lock)
            _children[number] = child;
        log.LogInformation(EventActions.ChildStarted, "started child process {ChildPid} ({Name}-{Number})", child.Id, settings.Name, number);
        if (life.Drain.IsCancellationRequested)
            child.AskToStop();
        return child;
    }

    private async Task<int> EndAsync(ChildProcess child, Task<int> ending)
    {
        var stopAsked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var asked = life.Drain.Register(stopAsked.SetResult);
        await Task.WhenAny(ending, stopAsked.Task);
        try
        {
            return ending.IsCompleted ? await ending : await ending.WaitAsync(settings.ShutdownTimeout + KillGrace);
        }
        catch (TimeoutException)
        {
            log.LogError(EventActions.ProcessCrashed, "child process {ChildPid} does not stop and is killed; the broker requeues its jobs", child.Id);
            child.Kill();
            return await ending;
        }
    }

    private void AskAllToStop()
    {
        lock (_lock)
        {
            foreach (var child in _children.Values)
                child.AskToStop();
        }
    }

    private void UpdateReadiness()
    {
        lock (_lock)
            readiness.Set(_children.Count == settings.Processes && _children.Values.All(child => child.IsReady));
    }

    private (int Ready, int Others) Count()
    {
        lock (_lock)
        {
            var ready = _children.Values.Count(child => child.IsReady);
            return (ready, _children.Count - ready);
        }
    }

    private void LogCrash(ChildProcess child, int exitCode, TimeSpan delay)
    {
        using var scope = log.BeginScope(new Dictionary<string, object?> { ["ExitCode"] = exitCode });
        if (exitCode > SignalBase)
            log.LogError(EventActions.ProcessCrashed, "child process {ChildPid} was ended by signal {Signal} after {Seconds:0.0} s; a new one starts in {Delay:0.0} s", child.Id, exitCode - SignalBase, child.Lived.TotalSeconds, delay.TotalSeconds);
        else
            log.LogError(EventActions.ProcessCrashed, "child process {ChildPid} ended with exit code {ExitCode} after {Seconds:0.0} s; a new one starts in {Delay:0.0} s", child.Id, exitCode, child.Lived.TotalSeconds, delay.TotalSeconds);
    }
}
